// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Not a probe: a map that the object pins by its name.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __uint(pinning, LIBBPF_PIN_BY_NAME);
  __type(key, __u32);
  __type(value, __u64);
} own_hits SEC(".maps");

static __always_inline void count(void) {
  __u32 key = 0;
  __u64* value = bpf_map_lookup_elem(&own_hits, &key);
  if (value) *value += 1;
}

SEC("syscall")
int on_run(void* ctx) {
  (void)ctx;
  count();
  return 0;
}

SEC("xdp")
int on_xdp(struct xdp_md* ctx) {
  (void)ctx;
  count();
  return XDP_PASS;
}
