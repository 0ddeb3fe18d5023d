// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// One record through a perf buffer for each getppid() of one process. Every call is counted, and so is every
// record that the kernel did not take.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "record_type.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct flood_event {
  __u64 number;  // of the call, from 0
  __u32 pid;
  __u32 filling;
};
RECORD_TYPE(flood_event);

struct counts {
  __u64 produced;
  __u64 dropped;
};

const volatile __u32 target_pid = 0;

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct counts);
} counts SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(__u32));
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_getppid")
int flood(void* ctx) {
  if (bpf_get_current_pid_tgid() >> 32 != target_pid) return 0;
  __u32 key = 0;
  struct counts* count = bpf_map_lookup_elem(&counts, &key);
  if (!count) return 0;
  // The process has one thread, so nothing counts at the same time.
  struct flood_event event = {.number = count->produced++, .pid = target_pid};
  if (bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event))) ++count->dropped;
  return 0;
}
