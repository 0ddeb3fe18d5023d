// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Counts entries of a kernel function, and sends a record for each return, without counting what did not fit.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "record_type.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct return_event {
  __u64 number;
};
RECORD_TYPE(return_event);

__u64 entries = 0;
__u64 returns = 0;

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1024 * 1024);
} events SEC(".maps");

SEC("kprobe")
int on_entry(void* ctx) {
  (void)ctx;
  __sync_fetch_and_add(&entries, 1);
  return 0;
}

SEC("kretprobe")
int on_return(void* ctx) {
  (void)ctx;
  struct return_event event = {.number = __sync_fetch_and_add(&returns, 1)};
  bpf_ringbuf_output(&events, &event, sizeof(event), 0);
  return 0;
}
