// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Reports every program that was started, under its new name.
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "kernel_types.h"
#include "record_type.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct exec_event {
  char comm[TASK_COMM_LEN];
  __u32 pid;
  __u64 timestamp;
};
RECORD_TYPE(exec_event);

// Only this command; empty for all. Longer than the kernel's names, for the program's whole name to fit.
const volatile char target_comm[64] = "";

__u64 dropped = 0;  // records for which the ring buffer had no room

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 256 * 1024);
} events SEC(".maps");

// The kernel keeps the first 15 bytes of a command's name. Of a longer target no more is compared, so the
// full name of the program finds it as well.
static __always_inline bool is_target(const char* comm) {
  if (!target_comm[0]) return true;
  for (int i = 0; i < TASK_COMM_LEN - 1; ++i) {
    if (comm[i] != target_comm[i]) return false;
    if (!comm[i]) return true;
  }
  return true;
}

// finalize_exec is the last step of a successful exec: the task has its new name, nothing can fail any more,
// and no instruction of the new program has run. The system call's entry would show the old name, and failed
// calls too.
SEC("kprobe/finalize_exec")
int watch_exec(void* ctx) {
  (void)ctx;
  char comm[TASK_COMM_LEN];
  bpf_get_current_comm(comm, sizeof(comm));
  if (!is_target(comm)) return 0;

  struct exec_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    __sync_fetch_and_add(&dropped, 1);
    return 0;
  }
  // A ring's memory is used again and again: what is not written, padding included, would show older records.
  __builtin_memset(event, 0, sizeof(*event));
  __builtin_memcpy(event->comm, comm, sizeof(comm));
  event->pid = bpf_get_current_pid_tgid() >> 32;
  event->timestamp = bpf_ktime_get_ns();
  bpf_ringbuf_submit(event, 0);
  return 0;
}
