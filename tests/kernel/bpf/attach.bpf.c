// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// One program for each attach type. Each counts its calls, only those of one process if it can, in its own
// slot of an array.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 target_pid = 0;  // 0: calls of any

enum { calls_of_program = 0 };

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} calls SEC(".maps");

#ifndef WITHOUT_SOCKETS
struct {
  __uint(type, BPF_MAP_TYPE_SOCKMAP);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u64);
} sockets SEC(".maps");
#endif

static __always_inline void count(void) {
  __u32 key = calls_of_program;
  __u64* value = bpf_map_lookup_elem(&calls, &key);
  if (value) __sync_fetch_and_add(value, 1);
}

static __always_inline void count_of_target(void) {
  if (!target_pid || bpf_get_current_pid_tgid() >> 32 == target_pid) count();
}

#define COUNTS(section, name, result) \
  SEC(section) int name(void* ctx) {  \
    (void)ctx;                        \
    count_of_target();                \
    return result;                    \
  }
#define COUNTS_ALL(section, name, result) \
  SEC(section) int name(void* ctx) {      \
    (void)ctx;                            \
    count();                              \
    return result;                        \
  }

// Every kernel's verifier refuses it.
SEC("raw_tracepoint")
int is_refused(void* ctx) {
  (void)ctx;
  return *(volatile int*)8;
}

COUNTS("tp_btf", on_tp_btf, 0)
COUNTS("tracepoint", on_tracepoint, 0)
COUNTS("raw_tracepoint", on_raw, 0)
COUNTS("raw_tracepoint.w", on_writable, 0)
COUNTS("kprobe", on_kprobe, 0)
COUNTS("kprobe.multi", on_kprobe_multi, 0)
COUNTS("kprobe.session", on_kprobe_session, 0)
COUNTS("uprobe.multi", on_uprobe_multi, 0)
COUNTS("fentry", on_fentry, 0)
COUNTS("fexit", on_fexit, 0)
COUNTS("fmod_ret", on_fmod_ret, 0)
COUNTS("lsm", on_lsm, 0)
COUNTS("perf_event", on_sample, 0)
COUNTS("raw_tracepoint/sys_enter", where_section_says, 0)
COUNTS("tracepoint/syscalls/sys_enter_getppid", where_section_says_too, 0)
COUNTS_ALL("xdp", on_xdp, 2)
COUNTS_ALL("tc", on_tc, 0)
COUNTS_ALL("tcx/ingress", on_tcx, 0)
COUNTS_ALL("netkit/primary", on_netkit, 0)
COUNTS_ALL("netfilter", on_netfilter, 1)
COUNTS_ALL("cgroup_skb/ingress", on_cgroup_ingress, 1)
COUNTS_ALL("cgroup_skb/egress", on_cgroup_egress, 1)
COUNTS_ALL("cgroup/sock_create", on_sock_create, 1)
COUNTS_ALL("cgroup/sock_release", on_sock_release, 1)
COUNTS_ALL("cgroup/bind4", on_bind4, 1)
COUNTS_ALL("cgroup/bind6", on_bind6, 1)
COUNTS_ALL("cgroup/post_bind4", on_post_bind4, 1)
COUNTS_ALL("cgroup/post_bind6", on_post_bind6, 1)
COUNTS_ALL("cgroup/connect4", on_connect4, 1)
COUNTS_ALL("cgroup/connect6", on_connect6, 1)
COUNTS_ALL("cgroup/connect_unix", on_connect_unix, 1)
COUNTS_ALL("cgroup/sendmsg4", on_sendmsg4, 1)
COUNTS_ALL("cgroup/sendmsg6", on_sendmsg6, 1)
COUNTS_ALL("cgroup/sendmsg_unix", on_sendmsg_unix, 1)
COUNTS_ALL("cgroup/recvmsg4", on_recvmsg4, 1)
COUNTS_ALL("cgroup/recvmsg6", on_recvmsg6, 1)
COUNTS_ALL("cgroup/recvmsg_unix", on_recvmsg_unix, 1)
COUNTS_ALL("cgroup/getpeername4", on_getpeername4, 1)
COUNTS_ALL("cgroup/getpeername6", on_getpeername6, 1)
COUNTS_ALL("cgroup/getpeername_unix", on_getpeername_unix, 1)
COUNTS_ALL("cgroup/getsockname4", on_getsockname4, 1)
COUNTS_ALL("cgroup/getsockname6", on_getsockname6, 1)
COUNTS_ALL("cgroup/getsockname_unix", on_getsockname_unix, 1)
COUNTS_ALL("cgroup/getsockopt", on_getsockopt, 1)
COUNTS_ALL("cgroup/setsockopt", on_setsockopt, 1)
COUNTS_ALL("cgroup/sysctl", on_sysctl, 1)
COUNTS_ALL("cgroup/dev", on_device, 1)
COUNTS_ALL("sockops", on_sockops, 1)
COUNTS_ALL("lsm_cgroup/socket_bind", on_lsm_cgroup, 1)
COUNTS_ALL("sk_lookup", on_lookup, 1)
COUNTS_ALL("flow_dissector", on_dissector, 129)
COUNTS_ALL("sk_skb/stream_verdict", on_stream_verdict, 1)
COUNTS_ALL("sk_skb/verdict", on_verdict, 1)
COUNTS_ALL("sk_msg", on_message, 1)
COUNTS_ALL("syscall", on_run, 42)

// A parser is only called together with a verdict program.
SEC("sk_skb/stream_parser")
int on_parser(struct __sk_buff* skb) {
  count();
  return (int)skb->len;
}
SEC("sk_skb/stream_verdict")
int passes(struct __sk_buff* skb) {
  (void)skb;
  return 1;
}
