// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Counts the sockets created in a cgroup, in the storage of the programs that are attached to it.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
  __type(key, struct bpf_cgroup_storage_key);
  __type(value, __u64);
} shared SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
  __type(key, struct bpf_cgroup_storage_key);
  __type(value, __u64);
} per_cpu SEC(".maps");

SEC("cgroup/sock_create")
int on_socket(struct bpf_sock* ctx) {
  (void)ctx;
  __u64* count = bpf_get_local_storage(&shared, 0);
  __sync_fetch_and_add(count, 1);
  __u64* mine = bpf_get_local_storage(&per_cpu, 0);
  *mine += 1;
  return 1;
}
