// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// More than the verifier looks at.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 total;

struct arguments {  // of a raw tracepoint
  __u64 args[2];
};

SEC("raw_tracepoint/sys_enter")
int too_complex(struct arguments* ctx) {
  __u64 sum = ctx->args[1];
  for (int i = 0; i < 1000000; ++i) {
    sum += i;
    asm volatile("" : "+r"(sum));
  }
  total += sum;
  return 0;
}
