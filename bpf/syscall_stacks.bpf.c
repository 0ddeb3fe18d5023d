// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Counts the call stacks that lead to one system call.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "kernel_types.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u64 target_syscall = 0;  // its number
const volatile __u32 target_pid = 0;      // only this process; 0 for all

__u64 dropped = 0;  // calls that were not counted because a map was full

#define MAX_DEPTH 127

struct {
  __uint(type, BPF_MAP_TYPE_STACK_TRACE);
  __uint(max_entries, 16384);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, MAX_DEPTH * sizeof(__u64));
} stacks SEC(".maps");

struct caller {
  __u32 tgid;
  __s32 user;  // stack ids, or a negative error number if there is no stack
  __u64 cgroup;
  char comm[TASK_COMM_LEN];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, struct caller);
  __type(value, __u64);
} counts SEC(".maps");

// The arguments of the raw tracepoint are the registers at entry and the number of the call.
SEC("raw_tracepoint/sys_enter")
int count_stack(struct bpf_raw_tracepoint_args* ctx) {
  if (ctx->args[1] != target_syscall) return 0;
  struct caller caller = {};
  caller.tgid = bpf_get_current_pid_tgid() >> 32;
  if (target_pid != 0 && caller.tgid != target_pid) return 0;
  caller.user = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
  caller.cgroup = bpf_get_current_cgroup_id();
  bpf_get_current_comm(caller.comm, sizeof(caller.comm));

  __u64* count = bpf_map_lookup_elem(&counts, &caller);
  if (!count) {
    const __u64 zero = 0;
    bpf_map_update_elem(&counts, &caller, &zero, BPF_NOEXIST);
    count = bpf_map_lookup_elem(&counts, &caller);
  }
  if (count) {
    __sync_fetch_and_add(count, 1);
  } else {
    __sync_fetch_and_add(&dropped, 1);
  }
  return 0;
}
