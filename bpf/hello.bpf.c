// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Prints a greeting from every task that calls execve. It goes to the kernel's trace pipe; no map is needed.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "kernel_types.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tracepoint/syscalls/sys_enter_execve")
int hello(void* ctx) {
  (void)ctx;
  // At entry to execve this is still the name of the caller, for example of the shell.
  char comm[TASK_COMM_LEN];
  bpf_get_current_comm(comm, sizeof(comm));
  int pid = bpf_get_current_pid_tgid() >> 32;
  bpf_printk("hello from %s (pid %d)", comm, pid);
  return 0;
}
