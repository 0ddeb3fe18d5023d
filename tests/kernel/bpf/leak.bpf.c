// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Programs with unique names, so that any left in the kernel are found.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct event {
  __u64 time;
};
const struct event* unused_event;  // so that BTF has it

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} leak_calls SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __type(key, __u32);
  __type(value, __u32);
} leak_events SEC(".maps");

#define COUNTS(section, name, result)                      \
  SEC(section) int name(void* ctx) {                       \
    (void)ctx;                                             \
    __u32 key = 0;                                         \
    __u64* value = bpf_map_lookup_elem(&leak_calls, &key); \
    if (value) __sync_fetch_and_add(value, 1);             \
    return result;                                         \
  }

COUNTS("xdp", leak_xdp, 2)
COUNTS("tc", leak_tc, 0)
COUNTS("cgroup_skb/egress", leak_cgroup, 1)
COUNTS("iter/task", leak_iter, 0)
COUNTS("perf_event", leak_sample, 0)
COUNTS("uprobe", leak_uprobe, 0)
COUNTS("tracepoint", leak_tracepoint, 0)
