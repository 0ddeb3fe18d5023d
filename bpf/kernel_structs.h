// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Kernel structs that are not part of its stable interface, with only the members that the programs read. The
// offsets of members differ between kernels. libbpf looks them up in the BTF of the running kernel, or of
// --btf (CO-RE). Objects that use this header do not load without BTF.
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

// Before Linux 5.14. The suffix from ___ on is ignored when the type is looked up.
struct task_struct___before_5_14 {
  volatile long state;
};

struct tcp_sock {
  __u64 bytes_received;
  __u64 bytes_sent;  // including retransmissions
  __u64 bytes_retrans;
};

#pragma clang attribute pop

#endif
