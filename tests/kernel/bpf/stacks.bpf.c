// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// The stacks of one process at its getppid(), in every form that the kernel provides.
#include <asm/unistd.h>
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 target_pid = 0;

struct stacks_event {
  __u32 tgid;
  __u32 uid;
  __u64 cgroup;
  __u64 user[16];
  __u64 kernel[16];
  struct bpf_stack_build_id files[8];
};
const struct stacks_event* record_type_stacks_event __attribute__((unused));

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 256 * 1024);
} events SEC(".maps");

SEC("raw_tracepoint/sys_enter")
int take_stacks(struct bpf_raw_tracepoint_args* ctx) {
  if (ctx->args[1] != __NR_getppid || bpf_get_current_pid_tgid() >> 32 != target_pid) return 0;
  struct stacks_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) return 0;
  __builtin_memset(event, 0, sizeof(*event));
  event->tgid = bpf_get_current_pid_tgid() >> 32;
  event->uid = bpf_get_current_uid_gid();
  event->cgroup = bpf_get_current_cgroup_id();
  bpf_get_stack(ctx, event->user, sizeof(event->user), BPF_F_USER_STACK);
  bpf_get_stack(ctx, event->kernel, sizeof(event->kernel), 0);
  bpf_get_stack(ctx, event->files, sizeof(event->files), BPF_F_USER_STACK | BPF_F_USER_BUILD_ID);
  bpf_ringbuf_submit(event, 0);
  return 0;
}
