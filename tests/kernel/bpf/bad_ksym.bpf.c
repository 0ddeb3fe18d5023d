// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// A variable of the kernel that it does not have.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

extern const int no_such_variable __ksym;

SEC("tc")
int no_ksym(void* ctx) {
  (void)ctx;
  const int* number = bpf_this_cpu_ptr(&no_such_variable);
  return *number;
}
