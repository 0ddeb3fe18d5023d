// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// A program with a function that another program can replace, and that other program.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} calls SEC(".maps");

__attribute__((noinline)) int chosen(struct xdp_md* ctx) {
  return ctx->ingress_ifindex == 0 ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int base(struct xdp_md* ctx) {
  __u32 key = 0;
  bpf_map_lookup_elem(&calls, &key);
  return chosen(ctx);
}

SEC("freplace/chosen")
int replacement(struct xdp_md* ctx) {
  __u32 key = 0;
  __u64* value = bpf_map_lookup_elem(&calls, &key);
  if (value) __sync_fetch_and_add(value, 1);
  return ctx->ingress_ifindex == 0 ? XDP_DROP : XDP_PASS;
}
