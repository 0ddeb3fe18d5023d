// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Not a probe: a map that the object itself pins, for the specs in tests/spec. It is opened and never loaded.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define PINNED_MAP(map_name)             \
  struct {                               \
    __uint(type, BPF_MAP_TYPE_ARRAY);    \
    __uint(max_entries, 1);              \
    __type(key, __u32);                  \
    __type(value, __u64);                \
    __uint(pinning, LIBBPF_PIN_BY_NAME); \
  } map_name SEC(".maps")

PINNED_MAP(hits);
PINNED_MAP(misses);
PINNED_MAP(errors);

SEC("syscall")
int on_run(void* ctx) {
  (void)ctx;
  return 0;
}
