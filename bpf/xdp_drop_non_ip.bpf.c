// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Passes IPv4 and IPv6, also after one or two VLAN tags, and drops everything else. ARP is dropped too, so
// unknown IPv4 neighbours can no longer be resolved.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct verdicts {
  __u64 passed;
  __u64 dropped;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct verdicts);
} verdicts SEC(".maps");

static __always_inline bool is_ip(const struct xdp_md* ctx) {
  struct packet packet;
  return parse_link_layer(ctx, &packet) &&
         (packet.protocol == bpf_htons(ETH_P_IP) || packet.protocol == bpf_htons(ETH_P_IPV6));
}

SEC("xdp")
int drop_non_ip(struct xdp_md* ctx) {
  __u32 key = 0;
  struct verdicts* count = bpf_map_lookup_elem(&verdicts, &key);
  // An array always has its entries; the verifier does not know that and requires the comparison.
  if (!count) return XDP_PASS;

  if (!is_ip(ctx)) {
    __sync_fetch_and_add(&count->dropped, 1);
    return XDP_DROP;
  }
  __sync_fetch_and_add(&count->passed, 1);
  return XDP_PASS;
}
