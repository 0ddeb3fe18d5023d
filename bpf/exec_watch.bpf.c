// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Reports every program that is started, under its new name, with its arguments.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "kernel_structs.h"
#include "kernel_types.h"
#include "record_type.h"
#include "target_comm.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct exec_event {
  __u64 timestamp;
  __u32 pid;
  __u32 ppid;
  __u32 uid;
  char comm[TASK_COMM_LEN];
  char args[256];  // separated by spaces; truncated if they are longer
};
RECORD_TYPE(exec_event);

#define ANY_UID ((__u32)-1)  // 0 is root, so it cannot mean "all" here

const volatile __u32 target_uid = ANY_UID;

__u64 dropped = 0;  // records that did not fit in the ring buffer

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 256 * 1024);
} events SEC(".maps");

// The kernel has just written the arguments into the new program's memory, so they are present: no page fault
// is needed. Each ends with a NUL.
static __always_inline void read_args(struct exec_event* event, struct task_struct* task) {
  const unsigned long begin = BPF_CORE_READ(task, mm, arg_start);
  __u64 size = BPF_CORE_READ(task, mm, arg_end) - begin;
  if (size > sizeof(event->args)) size = sizeof(event->args);
  if (bpf_probe_read_user(event->args, size, (const void*)begin)) return;
  for (__u32 i = 0; i < sizeof(event->args) - 1; ++i) {
    if (i + 1 >= size) break;
    if (!event->args[i]) event->args[i] = ' ';
  }
}

// Fires after an exec succeeded: the task has its new name, and no instruction of the new program has run.
// The system call's entry would show the old name, and failed calls too.
SEC("raw_tracepoint/sched_process_exec")
int watch_exec(struct bpf_raw_tracepoint_args* ctx) {
  const __u32 uid = bpf_get_current_uid_gid();
  if (target_uid != ANY_UID && uid != target_uid) return 0;
  char comm[TASK_COMM_LEN];
  bpf_get_current_comm(comm, sizeof(comm));
  if (!is_target(comm)) return 0;

  struct exec_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    __sync_fetch_and_add(&dropped, 1);
    return 0;
  }
  // The memory of a ring buffer is reused: bytes that are not written, including padding, would leak older
  // records.
  __builtin_memset(event, 0, sizeof(*event));
  struct task_struct* const task = (struct task_struct*)ctx->args[0];
  event->timestamp = bpf_ktime_get_ns();
  event->pid = bpf_get_current_pid_tgid() >> 32;
  event->ppid = BPF_CORE_READ(task, real_parent, tgid);
  event->uid = uid;
  __builtin_memcpy(event->comm, comm, sizeof(comm));
  read_args(event, task);
  bpf_ringbuf_submit(event, 0);
  return 0;
}
