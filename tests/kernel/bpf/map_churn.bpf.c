// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Maps whose keys come and go. User space adds and deletes.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct prefix {
  __u32 length;
  __u32 address;
};

#define CHURN(map, map_type, key_type, flags) \
  struct {                                    \
    __uint(type, BPF_MAP_TYPE_##map_type);    \
    __uint(max_entries, 16384);               \
    __uint(map_flags, flags);                 \
    __type(key, key_type);                    \
    __type(value, __u64);                     \
  } map SEC(".maps")

CHURN(plain, HASH, struct prefix, 0);
CHURN(lru, LRU_HASH, struct prefix, 0);
CHURN(per_cpu, PERCPU_HASH, struct prefix, 0);
CHURN(lru_per_cpu, LRU_PERCPU_HASH, struct prefix, 0);
CHURN(trie, LPM_TRIE, struct prefix, BPF_F_NO_PREALLOC);

SEC("raw_tracepoint/sys_enter")
int idle(void* ctx) {
  (void)ctx;
  return 0;
}
