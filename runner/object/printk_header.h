// What precedes each line that a BPF program prints, in the records of printed lines: written in the kernel by
// source/trace_printk.bpf.c, so this is C, and stored in recordings.
#pragma once

#include <linux/types.h>

// The text follows without a NUL and without its last newline.
struct PrintkHeader {
  __u64 time;  // CLOCK_MONOTONIC, nanoseconds
  __u32 pid;   // of the task in which the program ran
  __u32 tid;
  __u32 cpu;
  __u32 reserved;  // 0
};
