// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Reports every open, openat, openat2 and creat at the kernel function that they share, including 32-bit
// callers: with a trampoline, which is cheapest, or with a kprobe. On kernels with neither, at the entry of
// the system calls, which excludes 32-bit callers. A spec chooses one of the three ways, so that nothing is
// counted twice.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "kernel_types.h"
#include "record_type.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct open_event {
  __u64 ts;
  __u32 pid;
  __u32 uid;
  char comm[TASK_COMM_LEN];
  char filename[256];
};
RECORD_TYPE(open_event);

const volatile __u32 target_pid = 0;  // only this process; 0 for all

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(__u32));
} events SEC(".maps");

// The records that could not be sent. A perf buffer reports its own losses only before the next record that
// fits, so the last losses of a run would go unreported; this counter includes all of them.
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} dropped SEC(".maps");

static __always_inline int report(void* ctx, const char* filename) {
  __u32 pid = bpf_get_current_pid_tgid() >> 32;
  if (target_pid && pid != target_pid) return 0;

  // All of it is sent, so all of it is cleared: no bytes of the kernel's stack may leak after a short name.
  struct open_event event = {};
  event.ts = bpf_ktime_get_ns();
  event.pid = pid;
  event.uid = bpf_get_current_uid_gid();
  bpf_get_current_comm(event.comm, sizeof(event.comm));
  // The name is still in the caller's memory. A probe cannot wait for a page fault, so a name whose page was
  // not accessed since it was mapped reads as empty.
  bpf_probe_read_user_str(event.filename, sizeof(event.filename), filename);

  if (bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event))) {
    __u32 key = 0;
    __u64* count = bpf_map_lookup_elem(&dropped, &key);
    if (count) ++*count;  // each CPU has its own
  }
  return 0;
}

SEC("fentry/do_sys_openat2")
int BPF_PROG(open_by_fentry, int dfd, const char* filename) {
  (void)dfd;
  return report(ctx, filename);
}

SEC("kprobe/do_sys_openat2")
int open_by_kprobe(struct pt_regs* ctx) {
  return report(ctx, (const char*)PT_REGS_PARM2(ctx));
}

SEC("tracepoint/syscalls/sys_enter_open")
int enter_open(struct syscall_enter_ctx* ctx) {
  return report(ctx, (const char*)ctx->args[0]);
}

SEC("tracepoint/syscalls/sys_enter_creat")
int enter_creat(struct syscall_enter_ctx* ctx) {
  return report(ctx, (const char*)ctx->args[0]);
}

SEC("tracepoint/syscalls/sys_enter_openat")
int enter_openat(struct syscall_enter_ctx* ctx) {
  return report(ctx, (const char*)ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_enter_openat2")
int enter_openat2(struct syscall_enter_ctx* ctx) {
  return report(ctx, (const char*)ctx->args[1]);
}
