// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// A record of 104 bytes for each getppid() of one process, and an entry of a hash for each number that it passes to
// getpgid().
#include <asm/unistd.h>
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct record {
  __u64 number;
  __u64 time;
  char comm[16];
  char filling[72];
};
const struct record* record_type __attribute__((unused));

struct counts {
  __u64 produced;
  __u64 lost;
};

const volatile __u32 target_pid = 0;

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 << 20);
} records SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1 << 20);
  __type(key, __u64);
  __type(value, __u64);
} entries SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct counts);
} counts SEC(".maps");

struct sys_enter {
  __u64 common;
  long id;
  unsigned long args[6];
};

SEC("tracepoint/raw_syscalls/sys_enter")
int enter(struct sys_enter* ctx) {
  if ((ctx->id != __NR_getppid && ctx->id != __NR_getpgid) || bpf_get_current_pid_tgid() >> 32 != target_pid)
    return 0;
  if (ctx->id == __NR_getpgid) {
    __u64 key = ctx->args[0], one = 1;
    bpf_map_update_elem(&entries, &key, &one, BPF_ANY);
    return 0;
  }
  __u32 zero = 0;
  struct counts* count = bpf_map_lookup_elem(&counts, &zero);
  if (!count) return 0;
  struct record* record = bpf_ringbuf_reserve(&records, sizeof(*record), 0);
  if (!record) {
    ++count->lost;
  } else {
    record->number = count->produced;
    record->time = bpf_ktime_get_ns();
    bpf_get_current_comm(record->comm, sizeof(record->comm));
    bpf_ringbuf_submit(record, 0);
  }
  ++count->produced;
  return 0;
}
