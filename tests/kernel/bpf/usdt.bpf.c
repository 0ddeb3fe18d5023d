// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Counts the hits of a USDT probe whose first argument is not 0.
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include <bpf/usdt.bpf.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} calls SEC(".maps");

SEC("usdt")
int on_usdt(struct pt_regs* ctx) {
  __u32 key = 0;
  long argument = 0;
  bpf_usdt_arg(ctx, 0, &argument);
  __u64* value = bpf_map_lookup_elem(&calls, &key);
  if (value) __sync_fetch_and_add(value, argument != 0);
  return 0;
}
