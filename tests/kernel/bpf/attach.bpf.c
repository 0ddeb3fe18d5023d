// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// One program for each way to attach. Each counts its calls, those of one process where it can tell, in its
// own place of an array.
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

struct {
  __uint(type, BPF_MAP_TYPE_SOCKMAP);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u64);
} sockets SEC(".maps");

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

COUNTS("tp_btf", on_tp_btf, 0)
COUNTS("raw_tracepoint", on_raw, 0)
COUNTS("kprobe", on_kprobe, 0)
COUNTS("kprobe.multi", on_kprobe_multi, 0)
COUNTS("fentry", on_fentry, 0)
COUNTS("fexit", on_fexit, 0)
COUNTS("fmod_ret", on_fmod_ret, 0)
COUNTS("lsm", on_lsm, 0)
COUNTS("perf_event", on_sample, 0)
COUNTS_ALL("xdp", on_xdp, 2)
COUNTS_ALL("tc", on_tc, 0)
COUNTS_ALL("cgroup/connect4", on_connect, 1)
COUNTS_ALL("cgroup_skb/egress", on_cgroup_egress, 1)
COUNTS_ALL("cgroup/sock_create", on_sock_create, 1)
COUNTS_ALL("cgroup/getsockopt", on_getsockopt, 1)
COUNTS_ALL("cgroup/sysctl", on_sysctl, 1)
COUNTS_ALL("cgroup/dev", on_device, 1)
COUNTS_ALL("sockops", on_sockops, 1)
COUNTS_ALL("sk_lookup", on_lookup, 1)
COUNTS_ALL("flow_dissector", on_dissector, 129)
COUNTS_ALL("sk_skb/stream_verdict", on_verdict, 1)
COUNTS_ALL("sk_msg", on_message, 1)
COUNTS_ALL("syscall", on_run, 42)
