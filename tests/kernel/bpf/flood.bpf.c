// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// One record through a ring buffer for each getppid() of one process. Every call is counted, and so is every
// record that did not fit in the ring buffer.
#include <asm/unistd.h>
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
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} events SEC(".maps");

SEC("raw_tracepoint/sys_enter")
int flood(struct bpf_raw_tracepoint_args* ctx) {
  if (ctx->args[1] != __NR_getppid || bpf_get_current_pid_tgid() >> 32 != target_pid) return 0;
  __u32 key = 0;
  struct counts* count = bpf_map_lookup_elem(&counts, &key);
  if (!count) return 0;
  // The process has one thread, so nothing counts at the same time.
  __u64 number = count->produced++;
  struct flood_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    ++count->dropped;
    return 0;
  }
  event->number = number;
  event->pid = target_pid;
  event->filling = 0;
  bpf_ringbuf_submit(event, 0);
  return 0;
}
