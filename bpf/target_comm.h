// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// The filter by a command's name that programs share.
#ifndef BPF_TARGET_COMM_H
#define BPF_TARGET_COMM_H

#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "kernel_types.h"

// Only this command; empty for all. Longer than the kernel's names, for the program's whole name to fit.
const volatile char target_comm[64] = "";

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

#endif
