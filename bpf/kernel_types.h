// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// The few kernel types that the programs read. All are part of the kernel's stable interface, so they need no
// relocation, and the objects load on kernels without BTF.
#ifndef BPF_KERNEL_TYPES_H
#define BPF_KERNEL_TYPES_H

// struct pt_regs on x86-64 and struct user_pt_regs on arm64, which the PT_REGS_* macros of libbpf read.
#include <linux/ptrace.h>
#include <linux/types.h>

#define TASK_COMM_LEN 16

// The context of the tracepoints syscalls:sys_enter_* and sys_exit_*. The layout is that of the tracepoint's
// "format" file in tracefs: eight bytes of common fields, which programs may not read, then the number of the
// system call, then its arguments or its result, each in a slot of eight bytes.
struct syscall_enter_ctx {
  __u64 common;
  long number;
  unsigned long args[6];
};

struct syscall_exit_ctx {
  __u64 common;
  long number;
  long result;
};

#endif
