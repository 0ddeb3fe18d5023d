// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// A map that no machine has room for.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct huge_value {
  char bytes[1 << 20];
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4000000);
  __type(key, __u32);
  __type(value, struct huge_value);
} huge SEC(".maps");

SEC("raw_tracepoint/sys_enter")
int no_room(void* ctx) {
  __u32 key = 0;
  (void)ctx;
  struct huge_value* value = bpf_map_lookup_elem(&huge, &key);
  return value ? value->bytes[0] : 0;
}
