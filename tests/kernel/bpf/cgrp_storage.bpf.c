// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Counts the getppid() of one process in the storage of its cgroup (Linux 6.2).
#include <asm/unistd.h>
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// The needed parts of the kernel's types; the loader finds the members' offsets.
struct cgroup;
struct css_set {
  struct cgroup* dfl_cgrp;
} __attribute__((preserve_access_index));
struct task_struct {
  struct css_set* cgroups;
} __attribute__((preserve_access_index));

#define CGRP_STORAGE 32  // BPF_MAP_TYPE_CGRP_STORAGE, newer than the headers of some distributions

const volatile __u32 target_pid = 0;

struct {
  __uint(type, CGRP_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, __u64);
} cgroups SEC(".maps");

SEC("tp_btf/sys_enter")
int counting(__u64* ctx) {
  if (ctx[1] != __NR_getppid || bpf_get_current_pid_tgid() >> 32 != target_pid) return 0;
  struct task_struct* task = (struct task_struct*)bpf_get_current_task_btf();
  __u64* count = bpf_cgrp_storage_get(&cgroups, task->cgroups->dfl_cgrp, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (count) __sync_fetch_and_add(count, 1);
  return 0;
}
