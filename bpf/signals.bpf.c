// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Reports each signal that is sent: the sender, the target and the fate of the signal.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "kernel_types.h"
#include "record_type.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum signal_result { delivered, ignored, already_pending, overflowed, without_details };

struct signal_event {
  __u64 ts;
  __u32 pid;  // the sender's, or the process on the CPU when the kernel sent it
  __u32 uid;
  __s32 code;  // the cause, as in si_code of siginfo_t
  __u32 signal;
  __u32 target;  // a thread's id
  enum signal_result result;
  char comm[TASK_COMM_LEN];
  char target_comm[TASK_COMM_LEN];
};
RECORD_TYPE(signal_event);

const volatile __u32 target_pid = 0;     // only signals to this process or thread; 0 for all
const volatile __u32 sender_pid = 0;     // only signals from this process; 0 for all
const volatile __u32 target_signal = 0;  // only this one; 0 for all

__u64 dropped = 0;  // records that did not fit in the ring buffer

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 256 * 1024);
} events SEC(".maps");

// As in the tracepoint's "format" file in tracefs.
struct signal_generate_ctx {
  __u64 common;
  __s32 signal;
  __s32 error;
  __s32 code;
  char comm[TASK_COMM_LEN];
  __s32 pid;
  __s32 group;
  __s32 result;
};

SEC("tracepoint/signal/signal_generate")
int on_signal(struct signal_generate_ctx* ctx) {
  const __u32 pid = bpf_get_current_pid_tgid() >> 32;
  if (sender_pid && pid != sender_pid) return 0;
  if (target_pid && (__u32)ctx->pid != target_pid) return 0;
  if (target_signal && (__u32)ctx->signal != target_signal) return 0;

  struct signal_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    __sync_fetch_and_add(&dropped, 1);
    return 0;
  }
  event->ts = bpf_ktime_get_ns();
  event->pid = pid;
  event->uid = bpf_get_current_uid_gid();
  event->code = ctx->code;
  event->signal = ctx->signal;
  event->target = ctx->pid;
  event->result = ctx->result;
  bpf_get_current_comm(event->comm, sizeof(event->comm));
  __builtin_memcpy(event->target_comm, ctx->comm, sizeof(event->target_comm));
  bpf_ringbuf_submit(event, 0);
  return 0;
}
