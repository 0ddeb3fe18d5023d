// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Counts the packets that reach an interface and lets all of them pass.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} packet_count SEC(".maps");

SEC("xdp")
int count_packets(struct xdp_md* ctx) {
  (void)ctx;
  __u32 key = 0;
  __u64* count = bpf_map_lookup_elem(&packet_count, &key);
  // Receive queues run this on several CPUs at once, so a plain increment would lose packets.
  if (count) __sync_fetch_and_add(count, 1);
  return XDP_PASS;
}
