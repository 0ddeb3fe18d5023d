// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Samples what each CPU is doing, and counts the call stacks that it finds.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "kernel_types.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 target_pid = 0;  // only this process; 0 for all

__u64 dropped = 0;  // samples that were not counted because a map was full

#define MAX_DEPTH 127

struct {
  __uint(type, BPF_MAP_TYPE_STACK_TRACE);
  __uint(max_entries, 16384);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, MAX_DEPTH * sizeof(__u64));
} stacks SEC(".maps");

struct place {
  __u32 tgid;
  __s32 user;  // stack ids, or a negative error number if there is no stack
  __s32 kernel;
  char comm[TASK_COMM_LEN];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, struct place);
  __type(value, __u64);
} counts SEC(".maps");

SEC("perf_event")
int on_sample(void* ctx) {
  struct place place = {};
  place.tgid = bpf_get_current_pid_tgid() >> 32;
  if (!place.tgid) return 0;  // idle
  if (target_pid && place.tgid != target_pid) return 0;
  place.user = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
  place.kernel = bpf_get_stackid(ctx, &stacks, 0);
  bpf_get_current_comm(place.comm, sizeof(place.comm));

  __u64* count = bpf_map_lookup_elem(&counts, &place);
  if (!count) {
    const __u64 zero = 0;
    bpf_map_update_elem(&counts, &place, &zero, BPF_NOEXIST);
    count = bpf_map_lookup_elem(&counts, &place);
  }
  if (count) {
    __sync_fetch_and_add(count, 1);
  } else {
    __sync_fetch_and_add(&dropped, 1);
  }
  return 0;
}
