// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Histograms in slots, as two kinds of tools keep them, of the numbers that one process passes to getpgid(): an array
// of powers of two without a sum, and slots in the key of a hash, one more of which is the sum.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "log2.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SLOTS 20

const volatile __u32 target_pid = 0;

struct hist {
  __u32 slots[SLOTS];
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct hist);
} log2_slots SEC(".maps");

struct slot_key {
  __u32 parity;
  __u32 slot;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 2 * (SLOTS + 1));
  __type(key, struct slot_key);
  __type(value, __u64);
} exp2_slots SEC(".maps");

struct sys_enter {
  __u64 common;
  long id;
  unsigned long args[6];
};

static void add(const struct slot_key* key, __u64 more) {
  __u64 zero = 0;
  bpf_map_update_elem(&exp2_slots, key, &zero, BPF_NOEXIST);
  __u64* count = bpf_map_lookup_elem(&exp2_slots, key);
  if (count) *count += more;
}

SEC("tracepoint/syscalls/sys_enter_getpgid")
int count(struct sys_enter* ctx) {
  if (bpf_get_current_pid_tgid() >> 32 != target_pid) return 0;
  __u32 number = ctx->args[0];
  __u32 slot = log2_of(number);
  if (slot >= SLOTS) slot = SLOTS - 1;
  __u32 zero = 0;
  struct hist* hist = bpf_map_lookup_elem(&log2_slots, &zero);
  if (hist) ++hist->slots[slot];

  struct slot_key key = {number & 1, number > 1 ? log2_of(number - 1) + 1 : 0};
  if (key.slot >= SLOTS) key.slot = SLOTS - 1;
  add(&key, 1);
  key.slot = SLOTS;
  add(&key, number);
  return 0;
}
