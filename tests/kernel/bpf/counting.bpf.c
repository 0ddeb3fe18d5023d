// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Counts the getppid() of one process in maps that are drained meanwhile, and all of them in a variable. The
// key changes every so many calls, so that keys rest and come back.
#include <asm/unistd.h>
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define KEYS 8

const volatile __u32 target_pid = 0;

__u64 total = 0;
__u64 unstored = 0;

#define COUNTS(map, map_type)              \
  struct {                                 \
    __uint(type, BPF_MAP_TYPE_##map_type); \
    __uint(max_entries, 64);               \
    __type(key, __u32);                    \
    __type(value, __u64);                  \
  } map SEC(".maps")

COUNTS(by_hash, HASH);
COUNTS(by_cpu_hash, PERCPU_HASH);
COUNTS(by_array, ARRAY);

static void count(void* map, __u32 key) {
  __u64 zero = 0;
  __u64* value = bpf_map_lookup_elem(map, &key);
  if (!value) {
    bpf_map_update_elem(map, &key, &zero, BPF_NOEXIST);
    value = bpf_map_lookup_elem(map, &key);
  }
  if (value)
    __sync_fetch_and_add(value, 1);
  else
    __sync_fetch_and_add(&unstored, 1);
}

SEC("raw_tracepoint/sys_enter")
int counting(struct bpf_raw_tracepoint_args* ctx) {
  if (ctx->args[1] != __NR_getppid || bpf_get_current_pid_tgid() >> 32 != target_pid) return 0;
  // An atomic addition that returns the sum needs Linux 5.12. Which key is counted does not matter.
  __sync_fetch_and_add(&total, 1);
  __u32 key = (*(volatile __u64*)&total / 512) % KEYS;
  count(&by_hash, key);
  count(&by_cpu_hash, key);
  count(&by_array, key);
  return 0;
}
