// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// A function and a variable of the kernel that it does not have.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

extern int no_such_kfunc(int number) __ksym;

SEC("tc")
int no_kfunc(void* ctx) {
  (void)ctx;
  return no_such_kfunc(1);
}
