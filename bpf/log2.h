// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// The slot of a value in a histogram of powers of two: slot n counts the values from 2^n on, slot 0 also 0.
#ifndef BPF_LOG2_H
#define BPF_LOG2_H

#include <linux/types.h>

static __always_inline __u32 log2_of(__u64 value) {
  __u32 log = 0;
  if (value >> 32) log += 32, value >>= 32;
  if (value >> 16) log += 16, value >>= 16;
  if (value >> 8) log += 8, value >>= 8;
  if (value >> 4) log += 4, value >>= 4;
  if (value >> 2) log += 2, value >>= 2;
  return log + (value >> 1 ? 1 : 0);
}

#endif
