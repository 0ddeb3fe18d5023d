// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Reports each open, openat and openat2 with its path and its result. Calls of 32-bit programs on a 64-bit
// kernel are not seen: these tracepoints exclude them.
#include <linux/bpf.h>
#include <linux/openat2.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "kernel_types.h"
#include "record_type.h"
#include "target_comm.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct open_event {
  __u64 ts;
  __u32 pid;
  __u32 tid;
  __u32 uid;
  __s32 fd;   // -1 if the call failed
  __s32 err;  // 0 if it succeeded
  __u32 flags;
  char comm[TASK_COMM_LEN];
  char path[256];
};
RECORD_TYPE(open_event);

#define ANY_UID ((__u32)-1)  // 0 is root, so it cannot mean "all" here

const volatile __u32 target_pid = 0;  // only this process; 0 for all
const volatile __u32 target_tid = 0;  // only this thread; 0 for all
const volatile __u32 target_uid = ANY_UID;
const volatile bool failed_only = false;

__u64 dropped = 0;  // calls lost because the ring buffer or the table of pending calls was full

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1024 * 1024);
} events SEC(".maps");

// A pending call. Its path and its open_how are in the caller's memory, and they are read at exit: a probe
// cannot wait for a page fault, and at entry a constant string of a program that just started is often not in
// memory yet, so the path would be lost. At exit the kernel has read both itself. The drawback is that
// another thread can change them during the call, so this shows what programs do, but is not a security
// boundary.
struct start {
  const char* path;
  const struct open_how* how;  // of openat2; null for the other calls, which pass the flags by value
  __u64 flags;
};

// By thread. Not an LRU table: that would silently evict pending calls; this one fails, and the failure is
// counted.
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 10240);
  __type(key, __u32);
  __type(value, struct start);
} starts SEC(".maps");

static __always_inline int begin(const struct start* start) {
  __u64 id = bpf_get_current_pid_tgid();
  __u32 pid = id >> 32;
  __u32 tid = id;
  if (target_pid && pid != target_pid) return 0;
  if (target_tid && tid != target_tid) return 0;
  if (target_uid != ANY_UID && (__u32)bpf_get_current_uid_gid() != target_uid) return 0;
  char comm[TASK_COMM_LEN];
  bpf_get_current_comm(comm, sizeof(comm));
  if (!is_target(comm)) return 0;
  if (bpf_map_update_elem(&starts, &tid, start, BPF_ANY)) __sync_fetch_and_add(&dropped, 1);
  return 0;
}

static __always_inline void report(const struct start* start, long result) {
  struct open_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    __sync_fetch_and_add(&dropped, 1);
    return;
  }
  // The memory of a ring buffer is reused: bytes that are not written would leak older records.
  __builtin_memset(event, 0, sizeof(*event));
  __u64 id = bpf_get_current_pid_tgid();
  event->ts = bpf_ktime_get_ns();
  event->pid = id >> 32;
  event->tid = id;
  event->uid = bpf_get_current_uid_gid();
  event->fd = result < 0 ? -1 : result;
  event->err = result < 0 ? -result : 0;
  bpf_get_current_comm(event->comm, sizeof(event->comm));
  bpf_probe_read_user_str(event->path, sizeof(event->path), start->path);
  __u64 flags = start->flags;
  if (start->how) bpf_probe_read_user(&flags, sizeof(flags), &start->how->flags);
  event->flags = flags;
  bpf_ringbuf_submit(event, 0);
}

static __always_inline int finish(const struct syscall_exit_ctx* ctx) {
  __u32 tid = bpf_get_current_pid_tgid();
  const struct start* start = bpf_map_lookup_elem(&starts, &tid);
  if (!start) return 0;  // started before the probe was attached, or filtered out
  if (ctx->result < 0 || !failed_only) report(start, ctx->result);
  bpf_map_delete_elem(&starts, &tid);
  return 0;
}

// Each call has its own programs, so that a kernel without one of the calls (arm64 has no open, 5.5 no
// openat2) can still run the others.
SEC("tracepoint/syscalls/sys_enter_open")
int enter_open(const struct syscall_enter_ctx* ctx) {
  struct start start = {.path = (const char*)ctx->args[0], .flags = (__u32)ctx->args[1]};
  return begin(&start);
}

SEC("tracepoint/syscalls/sys_exit_open")
int exit_open(const struct syscall_exit_ctx* ctx) {
  return finish(ctx);
}

SEC("tracepoint/syscalls/sys_enter_openat")
int enter_openat(const struct syscall_enter_ctx* ctx) {
  struct start start = {.path = (const char*)ctx->args[1], .flags = (__u32)ctx->args[2]};
  return begin(&start);
}

SEC("tracepoint/syscalls/sys_exit_openat")
int exit_openat(const struct syscall_exit_ctx* ctx) {
  return finish(ctx);
}

SEC("tracepoint/syscalls/sys_enter_openat2")
int enter_openat2(const struct syscall_enter_ctx* ctx) {
  struct start start = {.path = (const char*)ctx->args[1], .how = (const struct open_how*)ctx->args[2]};
  return begin(&start);
}

SEC("tracepoint/syscalls/sys_exit_openat2")
int exit_openat2(const struct syscall_exit_ctx* ctx) {
  return finish(ctx);
}
