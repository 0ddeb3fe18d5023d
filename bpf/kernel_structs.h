// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Structs of the kernel that are no part of its stable interface: of each, the members that the programs read
// and no others. Where a member lies differs from kernel to kernel. libbpf looks it up in the types of the
// kernel that loads the program, or in those of --btf (CO-RE). Objects that use this do not load without.
#ifndef BPF_KERNEL_STRUCTS_H
#define BPF_KERNEL_STRUCTS_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct mm_struct {
  unsigned long arg_start;
  unsigned long arg_end;
};

struct task_struct {
  unsigned int __state;  // since Linux 5.14
  int pid;               // what user space calls the thread's id
  int tgid;              // what user space calls the process's id
  struct task_struct* real_parent;
  struct mm_struct* mm;
};

// Before Linux 5.14. What stands behind ___ is of no account when the type is looked up.
struct task_struct___before_5_14 {
  volatile long state;
};

struct tcp_sock {
  __u64 bytes_received;
  __u64 bytes_sent;  // with what was sent again
  __u64 bytes_retrans;
};

#pragma clang attribute pop

#endif
