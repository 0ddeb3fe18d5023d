// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// A filter by command name, shared by several programs.
#ifndef BPF_TARGET_COMM_H
#define BPF_TARGET_COMM_H

#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "kernel_types.h"

// Only this command; empty for all. Longer than the kernel's names, so that the program's full name fits.
const volatile char target_comm[64] = "";

// The kernel keeps the first 15 bytes of a command's name. No more than these are compared, so the full name
// of the program matches as well.
static __always_inline bool is_target(const char* comm) {
  if (!target_comm[0]) return true;
  for (int i = 0; i < TASK_COMM_LEN - 1; ++i) {
    if (comm[i] != target_comm[i]) return false;
    if (!comm[i]) return true;
  }
  return true;
}

#endif
