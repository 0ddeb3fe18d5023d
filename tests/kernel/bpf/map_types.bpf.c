// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// A map of each type that a program can fill. Each getppid() of one process adds one entry to each of them,
// with the number of the call as its key. Without the newer types it is an object for Linux 5.10.
#include <asm/unistd.h>
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SIZE 16

struct counter {
  __u64 count;
  __u32 number;
  char name[5];
};

struct prefix {
  __u32 length;
  __u8 address[4];
};

const volatile __u32 target_pid = 0;

__u32 calls = 0;
__s64 below_zero = 0;
__u64 aside SEC(".data.aside") = 7;
struct counter last = {.count = 1, .number = 2, .name = "data"};

#define COUNTERS(map, map_type, flags)     \
  struct {                                 \
    __uint(type, BPF_MAP_TYPE_##map_type); \
    __uint(max_entries, SIZE);             \
    __uint(map_flags, flags);              \
    __type(key, __u32);                    \
    __type(value, struct counter);         \
  } map SEC(".maps")

COUNTERS(a_hash, HASH, 0);
COUNTERS(sparse_hash, HASH, BPF_F_NO_PREALLOC);
COUNTERS(cpu_hash, PERCPU_HASH, 0);
COUNTERS(an_array, ARRAY, 0);
COUNTERS(mapped_array, ARRAY, BPF_F_MMAPABLE);
COUNTERS(cpu_array, PERCPU_ARRAY, 0);

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, SIZE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct prefix);
  __type(value, struct counter);
} trie SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, SIZE);
  __type(value, __u32);
} a_queue SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_STACK);
  __uint(max_entries, SIZE);
  __type(value, __u32);
} a_stack SEC(".maps");

#ifndef WITHOUT_NEWER_TYPES
struct {
  __uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
  __uint(max_entries, SIZE * 64);
  __type(value, __u32);
} bloom SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct counter);
} tasks SEC(".maps");
#endif

struct {
  __uint(type, BPF_MAP_TYPE_STACK_TRACE);
  __uint(max_entries, 64);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, 127 * sizeof(__u64));
} stacks SEC(".maps");

#ifndef WITHOUT_NEWER_TYPES
struct {
  __uint(type, BPF_MAP_TYPE_USER_RINGBUF);
  __uint(max_entries, 4096);
} requests SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, SIZE);
  __type(key, __u32);
  __type(value, struct counter);
} requested SEC(".maps");

static long take_request(struct bpf_dynptr* request, void* context) {
  (void)context;
  struct counter counter;
  if (bpf_dynptr_read(&counter, sizeof(counter), request, 0, 0)) return 0;
  bpf_map_update_elem(&requested, &counter.number, &counter, BPF_ANY);
  return 0;
}
#endif

SEC("raw_tracepoint/sys_enter")
int fill(struct bpf_raw_tracepoint_args* ctx) {
  if (ctx->args[1] != __NR_getppid || bpf_get_current_pid_tgid() >> 32 != target_pid) return 0;
  __u32 number = calls++;
  below_zero = -(__s64)number;
  struct counter counter = {.count = 1000 + number, .number = number, .name = "n"};
  struct prefix prefix = {.length = 32, .address = {10, 0, 0, number}};
  bpf_map_update_elem(&a_hash, &number, &counter, BPF_ANY);
  bpf_map_update_elem(&sparse_hash, &number, &counter, BPF_ANY);
  bpf_map_update_elem(&cpu_hash, &number, &counter, BPF_ANY);
  bpf_map_update_elem(&an_array, &number, &counter, BPF_ANY);
  bpf_map_update_elem(&mapped_array, &number, &counter, BPF_ANY);
  bpf_map_update_elem(&cpu_array, &number, &counter, BPF_ANY);
  bpf_map_update_elem(&trie, &prefix, &counter, BPF_ANY);
  bpf_map_push_elem(&a_queue, &number, BPF_ANY);
  bpf_map_push_elem(&a_stack, &number, BPF_ANY);
  bpf_get_stackid(ctx, &stacks, 0);
#ifndef WITHOUT_NEWER_TYPES
  bpf_map_push_elem(&bloom, &number, BPF_ANY);
  struct counter* mine =
      bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (mine) *mine = counter;
  bpf_user_ringbuf_drain(&requests, take_request, 0, 0);
#endif
  last = counter;
  aside += number;
  return 0;
}
