// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// A congestion control that counts its calls.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} calls SEC(".maps");

// The used members; libbpf finds their offsets in the kernel.
struct sock;
struct tcp_congestion_ops {
  __u32 (*ssthresh)(struct sock* sk);
  void (*cong_avoid)(struct sock* sk, __u32 ack, __u32 acked);
  __u32 (*undo_cwnd)(struct sock* sk);
  char name[16];
};

static __always_inline void count(void) {
  __u32 key = 0;
  __u64* value = bpf_map_lookup_elem(&calls, &key);
  if (value) __sync_fetch_and_add(value, 1);
}

SEC("struct_ops/threshold")
__u32 BPF_PROG(threshold, struct sock* sk) {
  (void)ctx;
  (void)sk;
  count();
  return 10;
}

SEC("struct_ops/avoid")
void BPF_PROG(avoid, struct sock* sk, __u32 ack, __u32 acked) {
  (void)ctx;
  (void)sk;
  (void)ack;
  (void)acked;
  count();
}

SEC("struct_ops/undo")
__u32 BPF_PROG(undo, struct sock* sk) {
  (void)ctx;
  (void)sk;
  return 10;
}

SEC(".struct_ops")
struct tcp_congestion_ops probe_run_cc = {.ssthresh = (void*)threshold,
                                          .cong_avoid = (void*)avoid,
                                          .undo_cwnd = (void*)undo,
                                          .name = "probe_run_cc"};
