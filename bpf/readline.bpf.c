// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Reports each line typed into an interactive bash.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "kernel_types.h"
#include "record_type.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct line_event {
  __u64 ts;
  __u32 pid;
  char comm[TASK_COMM_LEN];
  char line[256];
};
RECORD_TYPE(line_event);

__u64 dropped = 0;  // records that did not fit in the ring buffer

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 64 * 1024);
} lines SEC(".maps");

// The return, not the entry: readline() returns when the line is complete, with the text as its result.
SEC("uretprobe//bin/bash:readline")
int read_line(struct pt_regs* ctx) {
  const char* line = (const char*)PT_REGS_RC(ctx);
  if (!line) return 0;  // end of input, no line

  struct line_event* event = bpf_ringbuf_reserve(&lines, sizeof(*event), 0);
  if (!event) {
    __sync_fetch_and_add(&dropped, 1);
    return 0;
  }
  // The memory of a ring buffer is reused: bytes that are not written, including padding, would leak older
  // records.
  __builtin_memset(event, 0, sizeof(*event));
  event->ts = bpf_ktime_get_ns();
  event->pid = bpf_get_current_pid_tgid() >> 32;
  bpf_get_current_comm(event->comm, sizeof(event->comm));
  bpf_probe_read_user_str(event->line, sizeof(event->line), line);
  bpf_ringbuf_submit(event, 0);
  return 0;
}
