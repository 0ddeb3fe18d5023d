// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// A map whose attributes contradict its type.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __uint(map_flags, 1u << 30);
  __type(key, __u32);
  __type(value, __u64);
} odd_flags SEC(".maps");

SEC("raw_tracepoint/sys_enter")
int wrong_attributes(void* ctx) {
  __u32 key = 0;
  (void)ctx;
  return bpf_map_lookup_elem(&odd_flags, &key) != 0;
}
