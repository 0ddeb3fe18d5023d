// SPDX-License-Identifier: BSD-3-Clause
//
// A license that is not compatible with the GPL, and a helper that asks for one.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "BSD-3-Clause";

SEC("raw_tracepoint/sys_enter")
int gpl_only(void* ctx) {
  static const char format[] = "hello";
  (void)ctx;
  bpf_trace_printk(format, sizeof format);
  return 0;
}
