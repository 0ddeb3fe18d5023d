// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// What a process in a user namespace may be given: programs that send a record for each UDP packet to one
// port, and one for each getppid() of a process. With global variables, BTF and a map that is filled first.
#include <asm/unistd.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/types.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "record_type.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u16 only_port = 0;
const volatile __u32 target_pid = 0;

enum place { AT_XDP, AT_TCX, AT_CGROUP, AT_SYSTEM_CALL };

struct sighting {
  enum place place;
  __u32 length;
};
RECORD_TYPE(sighting);

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8);
  __type(key, __u32);
  __type(value, __u64);
} counts SEC(".maps");

static __always_inline void see(enum place place, __u32 length) {
  const __u32 key = place;
  const __u64 one = 1;
  __u64* const count = bpf_map_lookup_elem(&counts, &key);
  if (count)
    __sync_fetch_and_add(count, 1);
  else
    bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
  struct sighting* const event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) return;
  event->place = place;
  event->length = length;
  bpf_ringbuf_submit(event, 0);
}

// The UDP payload's length; 0 for other packets.
static __always_inline __u32 payload(const void* data, const void* end) {
  const struct ethhdr* const ethernet = data;
  const struct iphdr* const ip = (const void*)(ethernet + 1);
  const struct udphdr* const udp = (const void*)(ip + 1);
  if ((const void*)(udp + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP)) return 0;
  if (ip->ihl != 5 || ip->protocol != IPPROTO_UDP || udp->dest != bpf_htons(only_port)) return 0;
  return bpf_ntohs(udp->len) - (__u32)sizeof(*udp);
}

SEC("xdp")
int on_xdp(struct xdp_md* packet) {
  const __u32 length = payload((void*)(long)packet->data, (void*)(long)packet->data_end);
  if (length) see(AT_XDP, length);
  return XDP_PASS;
}

SEC("tcx/ingress")
int on_tcx(struct __sk_buff* packet) {
  const __u32 length = payload((void*)(long)packet->data, (void*)(long)packet->data_end);
  if (length) see(AT_TCX, length);
  return 0;
}

SEC("raw_tracepoint")
int on_system_call(struct bpf_raw_tracepoint_args* ctx) {
  if (ctx->args[1] == __NR_getppid && bpf_get_current_pid_tgid() >> 32 == target_pid) see(AT_SYSTEM_CALL, 0);
  return 0;
}

// Attached through perf, which cannot be delegated.
SEC("tracepoint/syscalls/sys_enter_getppid")
int on_tracepoint(void* ctx) {
  (void)ctx;
  return 0;
}

// The verifier rejects it.
SEC("xdp")
int is_refused(struct xdp_md* packet) {
  return *(volatile int*)(long)packet->data;
}

struct inner {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 1);
  __type(key, __u32);
  __array(values, struct inner);
} tables SEC(".maps");

// Sends the value for 7 in the inner map as a length.
SEC("xdp")
int on_xdp_with_table(struct xdp_md* packet) {
  if (!payload((void*)(long)packet->data, (void*)(long)packet->data_end)) return XDP_PASS;
  const __u32 first = 0, key = 7;
  void* const table = bpf_map_lookup_elem(&tables, &first);
  const __u64* const value = table ? bpf_map_lookup_elem(table, &key) : 0;
  if (value) see(AT_XDP, (__u32)*value);
  return XDP_PASS;
}
