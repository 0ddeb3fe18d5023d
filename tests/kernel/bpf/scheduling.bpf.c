// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Each step of one thread through the scheduler, as the kernel shows it to BPF programs.
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "kernel_structs.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile int target_pid = 0;

__u64 dropped = 0;

enum step {
  woken,
  ran,        // started to run on a CPU
  preempted,  // left its CPU, still runnable
  slept,      // left its CPU until it is woken up
};

struct scheduling_event {
  enum step step;
};
const struct scheduling_event* record_type_scheduling_event __attribute__((unused));

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1024 * 1024);
} steps SEC(".maps");

static __always_inline void record(enum step step) {
  struct scheduling_event event = {step};
  if (bpf_ringbuf_output(&steps, &event, sizeof event, 0)) __sync_fetch_and_add(&dropped, 1);
}

SEC("raw_tracepoint/sched_wakeup")
int BPF_PROG(wakeup, struct task_struct* task) {
  (void)ctx;
  if (BPF_CORE_READ(task, pid) == target_pid) record(woken);
  return 0;
}

SEC("raw_tracepoint/sched_switch")
int BPF_PROG(task_switch, bool involuntary, struct task_struct* previous, struct task_struct* next) {
  (void)ctx;
  if (BPF_CORE_READ(previous, pid) == target_pid) {
    const struct task_struct___before_5_14* const older = (const void*)previous;
    const bool sleeps = bpf_core_field_exists(older->state) ? BPF_CORE_READ(older, state) != 0
                                                            : BPF_CORE_READ(previous, __state) != 0;
    record(sleeps && !involuntary ? slept : preempted);
  }
  if (BPF_CORE_READ(next, pid) == target_pid) record(ran);
  return 0;
}
