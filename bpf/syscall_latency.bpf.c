// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// How long system calls take: a histogram of powers of two for each, kept in the kernel.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "kernel_types.h"
#include "log2.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 target_pid = 0;  // only this process; 0 for all

__u64 dropped = 0;  // calls that were not counted because a map was full

#define SLOTS 40  // the last one begins at 2^39 ns, nine minutes

struct call {
  __u64 number;
  __u64 start;  // bpf_ktime_get_ns()
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, __u32);  // the thread
  __type(value, struct call);
} calls SEC(".maps");

struct latency {
  __u64 calls;
  __u64 total;  // ns
  __u64 slots[SLOTS];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, __u64);  // the call's number
  __type(value, struct latency);
} latencies SEC(".maps");

static const struct latency no_calls = {};

// The arguments of the raw tracepoint are the registers at entry and the number of the call.
SEC("raw_tracepoint/sys_enter")
int on_enter(struct bpf_raw_tracepoint_args* ctx) {
  const __u64 id = bpf_get_current_pid_tgid();
  if (target_pid != 0 && id >> 32 != target_pid) return 0;
  const __u32 thread = (__u32)id;
  const struct call call = {.number = ctx->args[1], .start = bpf_ktime_get_ns()};
  if (bpf_map_update_elem(&calls, &thread, &call, BPF_ANY) != 0) __sync_fetch_and_add(&dropped, 1);
  return 0;
}

SEC("raw_tracepoint/sys_exit")
int on_exit(struct bpf_raw_tracepoint_args* ctx) {
  (void)ctx;
  const __u32 thread = (__u32)bpf_get_current_pid_tgid();
  const struct call* call = bpf_map_lookup_elem(&calls, &thread);
  if (!call) return 0;
  const __u64 number = call->number;
  const __u64 duration = bpf_ktime_get_ns() - call->start;
  bpf_map_delete_elem(&calls, &thread);

  struct latency* latency = bpf_map_lookup_elem(&latencies, &number);
  if (!latency) {
    bpf_map_update_elem(&latencies, &number, &no_calls, BPF_NOEXIST);
    latency = bpf_map_lookup_elem(&latencies, &number);
  }
  if (!latency) {
    __sync_fetch_and_add(&dropped, 1);
    return 0;
  }
  __u32 slot = log2_of(duration);
  if (slot >= SLOTS) slot = SLOTS - 1;
  __sync_fetch_and_add(&latency->calls, 1);
  __sync_fetch_and_add(&latency->total, duration);
  __sync_fetch_and_add(&latency->slots[slot], 1);
  return 0;
}
