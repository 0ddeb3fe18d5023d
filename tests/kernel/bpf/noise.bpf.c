// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Programs of someone else that print to the same trace pipe: one its own text, the other the text of the
// spec hello.
#include <asm/unistd.h>
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u32 target_pid = 0;  // the only variable of .bss

SEC("raw_tracepoint/sys_enter")
int noise(struct bpf_raw_tracepoint_args* ctx) {
  if (ctx->args[1] != __NR_getppid || bpf_get_current_pid_tgid() >> 32 != target_pid) return 0;
  bpf_printk("noise from pid %d says hello from", target_pid);
  return 0;
}

SEC("raw_tracepoint/sys_enter")
int same_text(struct bpf_raw_tracepoint_args* ctx) {
  if (ctx->args[1] != __NR_getppid || bpf_get_current_pid_tgid() >> 32 != target_pid) return 0;
  bpf_printk("hello from %s (pid %d)", "too early", target_pid);
  return 0;
}
