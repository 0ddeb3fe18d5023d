// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Counts packets and drops UDP to one port, over IPv4 and IPv6, also after one or two VLAN tags.
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/types.h>
#include <linux/udp.h>

#include <bpf/bpf_helpers.h>

#include "packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct packet_stats {
  __u64 processed;  // every packet seen
  __u64 dropped;    // UDP to the blocked port
  __u64 errors;     // truncated or inconsistent headers; passed on, the network stack handles them
};

const volatile __u16 blocked_port = 0;  // 0 for none

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct packet_stats);
} stats SEC(".maps");

// Whether a packet is UDP, and to which port.
enum answer { UDP_FOUND, NOT_UDP, MALFORMED };

#define IPV4_FRAGMENT_OFFSET 0x1fff
#define IPV6_FRAGMENT_OFFSET 0xfff8

// More extension headers than any sender uses. The verifier requires a bound.
#define MAX_EXTENSION_HEADERS 8

struct ipv6_fragment {
  __u8 nexthdr;
  __u8 reserved;
  __be16 offset;
  __be32 identification;
};

static __always_inline enum answer parse_udp(const struct packet* packet, __u16* port) {
  const struct udphdr* udp = packet->at;
  if ((void*)(udp + 1) > packet->end || bpf_ntohs(udp->len) < sizeof(*udp)) return MALFORMED;
  *port = bpf_ntohs(udp->dest);
  return UDP_FOUND;
}

static __always_inline enum answer parse_ipv4(struct packet* packet, __u16* port) {
  const struct iphdr* ip = packet->at;
  if ((void*)(ip + 1) > packet->end || ip->version != 4) return MALFORMED;
  __u32 length = ip->ihl * 4;
  if (length < sizeof(*ip) || packet->at + length > packet->end) return MALFORMED;
  // Only the first fragment carries the ports.
  if (ip->protocol != IPPROTO_UDP || ip->frag_off & bpf_htons(IPV4_FRAGMENT_OFFSET)) return NOT_UDP;
  packet->at += length;
  return parse_udp(packet, port);
}

static __always_inline enum answer parse_ipv6(struct packet* packet, __u16* port) {
  const struct ipv6hdr* ip = packet->at;
  if ((void*)(ip + 1) > packet->end || ip->version != 6) return MALFORMED;
  packet->at += sizeof(*ip);
  __u8 next = ip->nexthdr;

  // If only the fixed header were checked, any sender could get past the block with one empty option.
  for (int headers = 0; headers < MAX_EXTENSION_HEADERS; ++headers) {
    if (next == IPPROTO_UDP) return parse_udp(packet, port);

    if (next == IPPROTO_FRAGMENT) {
      const struct ipv6_fragment* fragment = packet->at;
      if ((void*)(fragment + 1) > packet->end) return MALFORMED;
      if (fragment->offset & bpf_htons(IPV6_FRAGMENT_OFFSET)) return NOT_UDP;
      packet->at += sizeof(*fragment);
      next = fragment->nexthdr;
    } else if (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS) {
      const struct ipv6_opt_hdr* options = packet->at;
      if ((void*)(options + 1) > packet->end) return MALFORMED;
      packet->at += (options->hdrlen + 1) * 8;
      next = options->nexthdr;
    } else {
      return NOT_UDP;
    }
  }
  return NOT_UDP;
}

static __always_inline enum answer parse_packet(const struct xdp_md* ctx, __u16* port) {
  struct packet packet;
  if (!parse_link_layer(ctx, &packet)) return MALFORMED;
  if (packet.protocol == bpf_htons(ETH_P_IP)) return parse_ipv4(&packet, port);
  if (packet.protocol == bpf_htons(ETH_P_IPV6)) return parse_ipv6(&packet, port);
  return NOT_UDP;
}

SEC("xdp")
int packet_stats(struct xdp_md* ctx) {
  __u32 key = 0;
  struct packet_stats* count = bpf_map_lookup_elem(&stats, &key);
  if (!count) return XDP_PASS;
  __sync_fetch_and_add(&count->processed, 1);

  __u16 port = 0;
  switch (parse_packet(ctx, &port)) {
    case MALFORMED:
      __sync_fetch_and_add(&count->errors, 1);
      return XDP_PASS;
    case UDP_FOUND:
      if (!blocked_port || port != blocked_port) return XDP_PASS;
      __sync_fetch_and_add(&count->dropped, 1);
      return XDP_DROP;
    default:
      return XDP_PASS;
  }
}
