// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// One record: what the program sends for each call.
struct deletion {
  __u64 time;  // ns, of bpf_ktime_get_ns()
  __u32 pid;
  __u32 uid;
  char comm[16];
  char path[256];
};
// The compiler describes a type in BTF only if something mentions it.
const struct deletion* deletion_type __attribute__((unused));

const volatile __u32 target_uid = (__u32)-1;  // only this user; -1 for all

__u64 dropped = 0;  // records that did not fit in the ring buffer

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 256 * 1024);
} deletions SEC(".maps");

// The arguments of the tracepoint, at the offsets that --list shows.
struct unlinkat_args {
  __u64 common;
  long number;
  long dfd;
  const char* pathname;
  long flag;
};

SEC("tracepoint/syscalls/sys_enter_unlinkat")
int on_unlinkat(struct unlinkat_args* args) {
  __u32 uid = bpf_get_current_uid_gid();
  if (target_uid != (__u32)-1 && uid != target_uid) return 0;

  struct deletion* record = bpf_ringbuf_reserve(&deletions, sizeof(*record), 0);
  if (!record) {
    __sync_fetch_and_add(&dropped, 1);
    return 0;
  }
  __builtin_memset(record, 0, sizeof(*record));
  record->time = bpf_ktime_get_ns();
  record->pid = bpf_get_current_pid_tgid() >> 32;
  record->uid = uid;
  bpf_get_current_comm(record->comm, sizeof(record->comm));
  bpf_probe_read_user_str(record->path, sizeof(record->path), args->pathname);
  bpf_ringbuf_submit(record, 0);
  return 0;
}
