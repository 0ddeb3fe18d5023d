// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// How long runnable threads waited for a CPU: a histogram of powers of two, kept in the kernel.
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "kernel_structs.h"
#include "log2.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 target_pid = 0;  // only this process; 0 for all

__u64 dropped = 0;  // waits that were not counted because the table of waiting threads was full

#define SLOTS 26  // the last one begins at 2^25 us, half a minute

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, __u32);    // the thread
  __type(value, __u64);  // the start of its wait, bpf_ktime_get_ns()
} waiting SEC(".maps");

struct latency {
  __u64 waits;
  __u64 total;         // ns
  __u64 slots[SLOTS];  // of us
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct latency);
} latency SEC(".maps");

static __always_inline void begin_to_wait(__u32 process, __u32 thread) {
  if (!thread) return;  // the idle task
  if (target_pid && process != target_pid) return;
  const __u64 now = bpf_ktime_get_ns();
  if (bpf_map_update_elem(&waiting, &thread, &now, BPF_ANY)) __sync_fetch_and_add(&dropped, 1);
}

static __always_inline void begin_to_run(__u32 thread) {
  const __u64* since = bpf_map_lookup_elem(&waiting, &thread);
  if (!since) return;
  const __u64 waited = bpf_ktime_get_ns() - *since;
  bpf_map_delete_elem(&waiting, &thread);

  const __u32 key = 0;
  struct latency* count = bpf_map_lookup_elem(&latency, &key);
  if (!count) return;
  __u32 slot = log2_of(waited / 1000);
  if (slot >= SLOTS) slot = SLOTS - 1;
  __sync_fetch_and_add(&count->waits, 1);
  __sync_fetch_and_add(&count->total, waited);
  __sync_fetch_and_add(&count->slots[slot], 1);
}

// The scheduler's tracepoints fire so often that the cost of reading the tasks' members matters. tp_btf
// programs read them directly. raw_tracepoint programs call a helper for each, but they also run on kernels
// without BTF, with --btf.
SEC("tp_btf/sched_wakeup")
int BPF_PROG(wakeup, struct task_struct* task) {
  (void)ctx;
  begin_to_wait(task->tgid, task->pid);
  return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(wakeup_new, struct task_struct* task) {
  (void)ctx;
  begin_to_wait(task->tgid, task->pid);
  return 0;
}

// A thread that leaves the CPU while it is still runnable waits for it again.
SEC("tp_btf/sched_switch")
int BPF_PROG(task_switch, bool preempted, struct task_struct* previous, struct task_struct* next) {
  (void)ctx;
  const struct task_struct___before_5_14* const older = (const void*)previous;
  const bool sleeps = bpf_core_field_exists(older->state) ? older->state != 0 : previous->__state != 0;
  if (preempted || !sleeps) begin_to_wait(previous->tgid, previous->pid);
  begin_to_run(next->pid);
  return 0;
}

SEC("raw_tracepoint/sched_wakeup")
int BPF_PROG(raw_wakeup, struct task_struct* task) {
  (void)ctx;
  begin_to_wait(BPF_CORE_READ(task, tgid), BPF_CORE_READ(task, pid));
  return 0;
}

SEC("raw_tracepoint/sched_wakeup_new")
int BPF_PROG(raw_wakeup_new, struct task_struct* task) {
  (void)ctx;
  begin_to_wait(BPF_CORE_READ(task, tgid), BPF_CORE_READ(task, pid));
  return 0;
}

SEC("raw_tracepoint/sched_switch")
int BPF_PROG(raw_task_switch, bool preempted, struct task_struct* previous, struct task_struct* next) {
  (void)ctx;
  const struct task_struct___before_5_14* const older = (const void*)previous;
  const bool sleeps = bpf_core_field_exists(older->state) ? BPF_CORE_READ(older, state) != 0
                                                          : BPF_CORE_READ(previous, __state) != 0;
  if (preempted || !sleeps) begin_to_wait(BPF_CORE_READ(previous, tgid), BPF_CORE_READ(previous, pid));
  begin_to_run(BPF_CORE_READ(next, pid));
  return 0;
}
