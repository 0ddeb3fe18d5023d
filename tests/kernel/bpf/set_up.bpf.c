// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Maps that a spec fills before the first program is attached, and programs that use their contents.
#include <asm/unistd.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 target_pid = 0;
const volatile __be32 only_address = 0;

#define MAP(map, map_type, entries, key_type, value_type) \
  struct {                                                \
    __uint(type, BPF_MAP_TYPE_##map_type);                \
    __uint(max_entries, entries);                         \
    __type(key, key_type);                                \
    __type(value, value_type);                            \
  } map SEC(".maps")

struct block {
  __u32 prefixlen;
  __u8 address[4];
};

struct limits {
  __u32 rate : 24;
  __u32 burst : 7;
  __u32 strict : 1;
  char name[12];
};

MAP(blocked_hosts, HASH, 16, __be32, struct limits);
MAP(verdicts, ARRAY, 2, __u32, __u64);

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 16);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct block);
  __type(value, __u32);
} blocked_nets SEC(".maps");

SEC("xdp")
int block_listed(struct xdp_md* packet) {
  const struct ethhdr* const ethernet = (void*)(long)packet->data;
  const struct iphdr* const ip = (const void*)(ethernet + 1);
  const void* const end = (void*)(long)packet->data_end;
  if ((const void*)(ip + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
  struct block block = {.prefixlen = 32};
  __builtin_memcpy(block.address, &ip->saddr, sizeof block.address);
  const __u32 source = ip->saddr;
  const struct limits* const limits = bpf_map_lookup_elem(&blocked_hosts, &source);
  const int drop = (limits && limits->strict && limits->rate == 7) ||
                   bpf_map_lookup_elem(&blocked_nets, &block) || (only_address && source == only_address);
  const __u32 place = drop;
  __u64* const verdict = bpf_map_lookup_elem(&verdicts, &place);
  if (verdict) __sync_fetch_and_add(verdict, 1);
  return drop ? XDP_DROP : XDP_PASS;
}

// Programs that call one another.
MAP(calls, PROG_ARRAY, 4, __u32, __u32);
MAP(called, ARRAY, 3, __u32, __u64);

static __always_inline void count(void* map, __u32 key) {
  __u64* const value = bpf_map_lookup_elem(map, &key);
  if (value) __sync_fetch_and_add(value, 1);
}

static __always_inline int is_meant(const struct bpf_raw_tracepoint_args* ctx) {
  return ctx->args[1] == __NR_getppid && bpf_get_current_pid_tgid() >> 32 == target_pid;
}

SEC("raw_tracepoint")
int call_second(struct bpf_raw_tracepoint_args* ctx) {
  if (!is_meant(ctx)) return 0;
  bpf_tail_call(ctx, &calls, 2);
  count(&called, 0);
  return 0;
}

SEC("raw_tracepoint")
int second(struct bpf_raw_tracepoint_args* ctx) {
  count(&called, 1);
  bpf_tail_call(ctx, &calls, 3);
  return 0;
}

SEC("raw_tracepoint")
int third(struct bpf_raw_tracepoint_args* ctx) {
  (void)ctx;
  count(&called, 2);
  return 0;
}

// Maps in maps: the outer map selects which one is looked up.
struct inner {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
} first_inner SEC(".maps"), second_inner SEC(".maps");

struct fixed_inner {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u64);
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 3);
  __type(key, __u32);
  __array(values, struct inner);
} outer SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
  __uint(max_entries, 3);
  __type(key, __u32);
  __array(values, struct fixed_inner);
} outer_of_arrays SEC(".maps");

MAP(looked_up, ARRAY, 4, __u32, __u64);

static __always_inline void look_up(void* maps, __u32 which, __u32 key, __u32 place) {
  void* const map = bpf_map_lookup_elem(maps, &which);
  const __u64* const value = map ? bpf_map_lookup_elem(map, &key) : 0;
  if (value) bpf_map_update_elem(&looked_up, &place, value, BPF_ANY);
}

SEC("raw_tracepoint")
int look_up_inner(struct bpf_raw_tracepoint_args* ctx) {
  if (!is_meant(ctx)) return 0;
  look_up(&outer, 0, 5, 0);
  look_up(&outer, 1, 5, 1);
  look_up(&outer, 2, 5, 2);
  look_up(&outer_of_arrays, 7, 1, 3);
  return 0;
}

// Read back by the test.
MAP(an_array, ARRAY, 4, __u32, struct limits);
MAP(a_hash, HASH, 4, unsigned char[6], __u64);
MAP(an_lru, LRU_HASH, 16, __u32, __u64);
MAP(cpu_array, PERCPU_ARRAY, 2, __u32, __u32);
MAP(cpu_hash, PERCPU_HASH, 2, __u32, __u32);
MAP(devices, DEVMAP, 2, __u32, struct bpf_devmap_val);
MAP(device_hash, DEVMAP_HASH, 2, __u32, __u32);
MAP(cpus, CPUMAP, 1, __u32, __u32);
MAP(groups, CGROUP_ARRAY, 2, __u32, __u32);
MAP(sockets, SOCKMAP, 2, __u32, __u64);

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __uint(key_size, 6);
  __uint(value_size, 4);
} untyped SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 4);
  __uint(key_size, 0);
  __type(value, __u32);
} a_queue SEC(".maps");

SEC("raw_tracepoint")
int idle(void* ctx) {
  (void)ctx;
  return 0;
}

// Counts that outlive a run.
MAP(counts, HASH, 64, __u32, __u64);

SEC("tracepoint/syscalls/sys_enter_getppid")
int count_calls(void* ctx) {
  (void)ctx;
  const __u32 pid = bpf_get_current_pid_tgid() >> 32;
  if (pid != target_pid) return 0;
  const __u64 one = 1;
  __u64* const value = bpf_map_lookup_elem(&counts, &pid);
  if (value)
    __sync_fetch_and_add(value, 1);
  else
    bpf_map_update_elem(&counts, &pid, &one, BPF_ANY);
  return 0;
}

SEC("raw_tracepoint")
int count_raw_calls(struct bpf_raw_tracepoint_args* ctx) {
  return is_meant(ctx) ? count_calls(ctx) : 0;
}

// A type that does not exist in any kernel.
struct made_up {
  __u32 number;
} __attribute__((preserve_access_index));

MAP(offsets, ARRAY, 1, __u32, __u64);

SEC("raw_tracepoint")
int find_offset(struct bpf_raw_tracepoint_args* ctx) {
  if (!is_meant(ctx)) return 0;
  const __u32 place = 0;
  const __u64 offset = bpf_core_field_offset(((struct made_up*)0)->number);
  bpf_map_update_elem(&offsets, &place, &offset, BPF_ANY);
  return 0;
}
