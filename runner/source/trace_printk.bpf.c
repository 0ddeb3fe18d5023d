// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Copies every line that a BPF program prints to a ring buffer. It is embedded in probe-run and loads on Linux
// 5.9 and newer: it needs neither the kernel's types nor atomic operations that return something.

// libbpf's header uses the types of <linux/types.h> without including it, so the order matters.
// clang-format off
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "../object/printk_header.h"
// clang-format on

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SHORT_TEXT 256  // with its NUL; the longest that fits on the stack
#define LONG_TEXT 1024  // what the kernel prints at most

struct short_line {
  struct PrintkHeader header;
  char text[SHORT_TEXT];
};

struct long_line {
  struct PrintkHeader header;
  char text[LONG_TEXT];
};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 20);
} printk_lines SEC(".maps");

// Lines for which the ring buffer had no room. User space maps it.
__u64 lost = 0;

static __always_inline void fill(struct PrintkHeader* header) {
  __u64 ids = bpf_get_current_pid_tgid();
  header->time = bpf_ktime_get_ns();
  header->pid = ids >> 32;
  header->tid = ids;
  header->cpu = bpf_get_smp_processor_id();
  header->reserved = 0;
}

SEC("raw_tracepoint/bpf_trace_printk")
int probe_run_print(struct bpf_raw_tracepoint_args* context) {
  const void* text = (const void*)context->args[0];
  struct short_line line;
  // Unsigned: an error, which is negative, is tried again below.
  __u64 length = bpf_probe_read_kernel_str(line.text, SHORT_TEXT, text);
  if (length == 0) return 0;
  if (length < SHORT_TEXT) {
    fill(&line.header);
    if (bpf_ringbuf_output(&printk_lines, &line, sizeof line.header + length - 1, 0) != 0)
      __sync_fetch_and_add(&lost, 1);
    return 0;
  }
  struct long_line* record = bpf_ringbuf_reserve(&printk_lines, sizeof *record, 0);
  if (record == NULL) {
    __sync_fetch_and_add(&lost, 1);
    return 0;
  }
  fill(&record->header);
  bpf_probe_read_kernel_str(record->text, LONG_TEXT, text);
  bpf_ringbuf_submit(record, 0);
  return 0;
}
