// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Programs that a kernel refuses, each for one reason. Some kernels take some of them.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct value {
  __u64 count;
  char name[16];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16);
  __type(key, __u32);
  __type(value, struct value);
} values SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} records SEC(".maps");

__u64 total;
__u32 numbers[8];

struct arguments {  // of a raw tracepoint
  __u64 args[2];
};

SEC("raw_tracepoint/sys_enter")
int null_not_checked(struct arguments* ctx) {
  __u32 key = 1;
  struct value* value = bpf_map_lookup_elem(&values, &key);
  value->count += ctx->args[1];
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int map_value_range(struct arguments* ctx) {
  __u32 key = 1;
  struct value* value = bpf_map_lookup_elem(&values, &key);
  if (value) bpf_probe_read_kernel(value->name, 64, (void*)ctx->args[0]);
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int index_not_bounded(struct arguments* ctx) {
  numbers[ctx->args[1]] += 1;
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int size_not_bounded(struct arguments* ctx) {
  __u32 key = 1;
  struct value* value = bpf_map_lookup_elem(&values, &key);
  if (value) bpf_probe_read_kernel(value->name, ctx->args[1], (void*)ctx->args[0]);
  return 0;
}

SEC("xdp")
int packet_not_checked(struct xdp_md* ctx) {
  __u8* packet = (__u8*)(long)ctx->data;
  return packet[12] == 8 ? XDP_PASS : XDP_DROP;
}

SEC("raw_tracepoint/sys_enter")
int kernel_pointer(struct arguments* ctx) {
  const __u64* registers = (const __u64*)ctx->args[0];
  total += registers[3];
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int wrong_argument(struct arguments* ctx) {
  bpf_map_delete_elem(&values, (void*)ctx->args[0]);
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int stack_range(void* ctx) {
  (void)ctx;
  char name[8];
  bpf_get_current_comm(name, 16);
  total += name[0];
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int register_not_set(void* ctx) {
  __u64 number;
  (void)ctx;
  asm volatile("%0 = r7" : "=r"(number));
  total += number;
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int result_not_set(void* ctx) {
  (void)ctx;
  asm volatile("if r1 == 0 goto +1\n exit" ::: "r1");
  return 0;
}

struct big_key {
  __u32 first, second;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16);
  __type(key, struct big_key);
  __type(value, __u64);
} by_big_key SEC(".maps");

SEC("raw_tracepoint/sys_enter")
int stack_not_set(void* ctx) {
  struct big_key key;
  (void)ctx;
  asm volatile("*(u32*)(%0 + 0) = %1" ::"r"(&key), "r"(1) : "memory");
  bpf_map_delete_elem(&by_big_key, &key);
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int not_released(void* ctx) {
  (void)ctx;
  __u64* record = bpf_ringbuf_reserve(&records, sizeof *record, 0);
  if (!record) return 0;
  *record = bpf_ktime_get_ns();
  if (*record & 1) bpf_ringbuf_submit(record, 0);
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int endless(void* ctx) {
  (void)ctx;
  for (;;) asm volatile("" ::: "memory");
  return 0;
}

SEC("cgroup/connect4")
int returned_value(void* ctx) {
  (void)ctx;
  return 7;
}

SEC("raw_tracepoint/sys_enter")
int no_such_helper(void* ctx) {
  (void)ctx;
  static long (*const helper)(void) = (void*)4711;
  return (int)helper();
}

// Helpers of several ages.
SEC("raw_tracepoint/sys_enter")
int newer_helper(void* ctx) {
  (void)ctx;
  static __u64 (*const bpf_ktime_get_tai_ns_)(void) = (void*)208;
  total += bpf_ktime_get_tai_ns_();
  return 0;
}

SEC("xdp")
int helper_of_another_type(struct xdp_md* ctx) {
  char name[16];
  (void)ctx;
  static long (*const bpf_get_func_ip_)(void*) = (void*)173;
  total += bpf_get_func_ip_(ctx);
  bpf_get_current_comm(name, sizeof name);
  return XDP_PASS;
}

SEC("xdp")
int context_range(struct xdp_md* ctx) {
  return *(__u32*)((char*)ctx + 128) & 3;
}

static __attribute__((noinline)) int deep(int seed) {
  volatile char room[400];
  for (int i = 0; i < 400; ++i) room[i] = (char)(seed + i);
  return room[seed & 127];
}

SEC("raw_tracepoint/sys_enter")
int stack_too_large(struct arguments* ctx) {
  volatile char room[400];
  for (int i = 0; i < 400; ++i) room[i] = (char)i;
  total += (__u64)deep((int)ctx->args[1]) + room[ctx->args[1] & 127];
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int not_reachable(void* ctx) {
  (void)ctx;
  asm volatile("r0 = 0\n exit\n r0 = 1" ::: "r0");
  return 0;
}

struct task_struct___bad {
  int no_such_field;
} __attribute__((preserve_access_index));

struct task_struct___misspelt {
  void* group_leadr;
} __attribute__((preserve_access_index));

struct no_such_type {
  int first;
} __attribute__((preserve_access_index));

SEC("raw_tracepoint/sys_enter")
int no_such_field(void* ctx) {
  struct task_struct___bad* task = (void*)bpf_get_current_task();
  (void)ctx;
  total += (__u64)BPF_CORE_READ(task, no_such_field);
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int misspelt_field(void* ctx) {
  struct task_struct___misspelt* task = (void*)bpf_get_current_task();
  (void)ctx;
  total += (__u64)BPF_CORE_READ(task, group_leadr);
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int no_such_type(void* ctx) {
  struct no_such_type* thing = (void*)bpf_get_current_task();
  (void)ctx;
  total += (__u64)BPF_CORE_READ(thing, first);
  return 0;
}

SEC("fentry/do_sys_openat2")
int trampoline(void* ctx) {
  (void)ctx;
  total += 1;
  return 0;
}

SEC("fentry/no_such_function")
int no_such_function(void* ctx) {
  (void)ctx;
  return 0;
}

SEC("tp_btf/sys_enter")
int typed_range(__u64* ctx) {
  total += ctx[5];
  return 0;
}

SEC("lsm/file_open")
int hook_result(void* ctx) {
  (void)ctx;
  return 5;
}

SEC("syscall")
int newer_program_type(void* ctx) {
  (void)ctx;
  return 0;
}

SEC("tp_btf/sys_enter")
int typed_value(__u64* ctx) {
  // struct pt_regs*: written to, and only to be read.
  *(volatile __u64*)ctx[0] = 1;
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int atomic_result(void* ctx) {
  (void)ctx;
  return (int)__sync_fetch_and_or(&total, 1);
}
