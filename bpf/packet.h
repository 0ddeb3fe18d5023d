// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Parsing of Ethernet frames, shared by the XDP programs. The verifier accepts a read from a packet only
// after a comparison with the packet's end, so each step compares before it reads.
#ifndef BPF_PACKET_H
#define BPF_PACKET_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

// One customer tag and one provider tag (802.1ad). Deeper tags are not parsed.
#define MAX_VLAN_TAGS 2

struct vlan_tag {
  __be16 control;
  __be16 protocol;
};

struct packet {
  void* at;         // the first byte that is not parsed yet
  void* end;        // one past the last byte
  __be16 protocol;  // of the data at `at`, an ETH_P_* value in network byte order
};

static __always_inline bool is_vlan(__be16 protocol) {
  return protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD);
}

// Moves past the Ethernet header and the VLAN tags. False if the frame ends before they do.
static __always_inline bool parse_link_layer(const struct xdp_md* ctx, struct packet* packet) {
  packet->at = (void*)(long)ctx->data;
  packet->end = (void*)(long)ctx->data_end;

  const struct ethhdr* ethernet = packet->at;
  if ((void*)(ethernet + 1) > packet->end) return false;
  packet->at += sizeof(*ethernet);
  packet->protocol = ethernet->h_proto;

  for (int tags = 0; tags < MAX_VLAN_TAGS && is_vlan(packet->protocol); ++tags) {
    const struct vlan_tag* tag = packet->at;
    if ((void*)(tag + 1) > packet->end) return false;
    packet->at += sizeof(*tag);
    packet->protocol = tag->protocol;
  }
  return true;
}

#endif
