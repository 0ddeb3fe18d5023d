// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// The tasks of this machine, as text and as records, the entries of a map, and cgroups.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "record_type.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// The needed parts of the kernel's types; libbpf finds the members in those of the running kernel.
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct seq_file;
struct bpf_iter_meta {
  struct seq_file* seq;
};
struct task_struct {
  int pid;
  int tgid;
  char comm[16];
};
struct bpf_iter__task {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
};
struct bpf_iter__bpf_map_elem {
  struct bpf_iter_meta* meta;
  void* map;
  void* key;
  void* value;
};
struct cgroup {
  int level;
};
struct bpf_iter__cgroup {
  struct bpf_iter_meta* meta;
  struct cgroup* cgroup;
};
#pragma clang attribute pop

struct task_row {
  __u32 pid;
  __u32 tgid;
  char comm[16];
};
RECORD_TYPE(task_row);

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 3);
  __type(key, __u32);
  __type(value, __u64);
} squares SEC(".maps");

SEC("iter/task")
int lines(struct bpf_iter__task* ctx) {
  struct task_struct* task = ctx->task;
  if (!task) return 0;
  BPF_SEQ_PRINTF(ctx->meta->seq, "%d of %d: %s\n", task->pid, task->tgid, task->comm);
  return 0;
}

SEC("iter/task")
int rows(struct bpf_iter__task* ctx) {
  struct task_struct* task = ctx->task;
  if (!task) return 0;
  struct task_row row = {.pid = task->pid, .tgid = task->tgid};
  bpf_probe_read_kernel_str(row.comm, sizeof(row.comm), task->comm);
  bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
  return 0;
}

SEC("iter/bpf_map_elem")
int entries(struct bpf_iter__bpf_map_elem* ctx) {
  __u32* key = ctx->key;
  __u64* value = ctx->value;
  if (!key || !value) return 0;
  BPF_SEQ_PRINTF(ctx->meta->seq, "%u\n", *key);
  return 0;
}

SEC("iter/cgroup")
int groups(struct bpf_iter__cgroup* ctx) {
  struct cgroup* cgroup = ctx->cgroup;
  if (!cgroup) return 0;
  BPF_SEQ_PRINTF(ctx->meta->seq, "level %d\n", cgroup->level);
  return 0;
}
