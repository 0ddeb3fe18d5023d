// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Not a probe: maps that no kernel accepts, each with one mistake, for the specs in tests/spec. It is opened and never
// loaded.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define MAP(map_name, map_type, ...)       \
  struct {                                 \
    __uint(type, BPF_MAP_TYPE_##map_type); \
    __VA_ARGS__                            \
  } map_name SEC(".maps")

#define KEY(t) __type(key, t);
#define VALUE(t) __type(value, t);
#define ENTRIES(n) __uint(max_entries, n);
#define FLAGS(f) __uint(map_flags, f);

struct address {
  __u32 bits;
  __u8 bytes[300];
};

MAP(hash_without_size, HASH, KEY(__u32) VALUE(__u64));
MAP(hash_without_keys, LRU_HASH, VALUE(__u64) ENTRIES(4));
MAP(hash_without_values, PERCPU_HASH, KEY(__u32) ENTRIES(4));
MAP(lru_not_allocated, LRU_HASH, KEY(__u32) VALUE(__u64) ENTRIES(4) FLAGS(BPF_F_NO_PREALLOC));
MAP(array_of_long_keys, ARRAY, KEY(__u64) VALUE(__u64) ENTRIES(4));
MAP(array_without_keys, PERCPU_ARRAY, VALUE(__u64) ENTRIES(4));
MAP(array_not_allocated, ARRAY, KEY(__u32) VALUE(__u64) ENTRIES(4) FLAGS(BPF_F_NO_PREALLOC));
MAP(programs_of_long_values, PROG_ARRAY, KEY(__u32) VALUE(__u64) ENTRIES(4));
MAP(sockets_of_odd_values, SOCKMAP, KEY(__u32) VALUE(__u16) ENTRIES(4));
MAP(stacks_of_odd_values, STACK_TRACE, KEY(__u32) VALUE(__u32) ENTRIES(4));
MAP(trie_without_flag, LPM_TRIE, KEY(__u64) VALUE(__u64) ENTRIES(4));
MAP(trie_of_long_keys, LPM_TRIE, KEY(struct address) VALUE(__u64) ENTRIES(4) FLAGS(BPF_F_NO_PREALLOC));
MAP(queue_with_keys, QUEUE, KEY(__u32) VALUE(__u64) ENTRIES(4));
MAP(stack_without_size, STACK, VALUE(__u64));
MAP(ring_without_size, RINGBUF);
MAP(ring_with_keys, RINGBUF, KEY(__u32) ENTRIES(4096));
MAP(ring_with_sizes, RINGBUF, ENTRIES(4096) __uint(value_size, 8););
MAP(filter_without_values, BLOOM_FILTER, ENTRIES(4));
MAP(storage_with_size, TASK_STORAGE, KEY(int) VALUE(__u64) ENTRIES(4) FLAGS(BPF_F_NO_PREALLOC));
MAP(storage_without_flag, SK_STORAGE, KEY(int) VALUE(__u64));
MAP(of_cgroups, CGROUP_STORAGE, KEY(__u32) VALUE(__u64));
MAP(sized_by_the_spec, HASH, KEY(__u32) VALUE(__u64));

SEC("syscall")
int on_run(void* ctx) {
  (void)ctx;
  return 0;
}
