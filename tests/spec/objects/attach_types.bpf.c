// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Not a probe: a program for each attach type, for the specs in tests/spec. It is opened and never loaded.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_SOCKMAP);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
} sockets SEC(".maps");

#define PROGRAM(section, name)       \
  SEC(section) int name(void* ctx) { \
    (void)ctx;                       \
    return 0;                        \
  }

PROGRAM("tp_btf", on_tp_btf)
PROGRAM("raw_tracepoint.w", on_raw)
PROGRAM("fentry", on_fentry)
PROGRAM("fmod_ret", on_fmod_ret)
PROGRAM("lsm", on_lsm)
PROGRAM("iter", on_iter)
PROGRAM("freplace", on_freplace)
PROGRAM("kprobe", on_kprobe)
PROGRAM("kprobe.multi", on_kprobe_multi)
PROGRAM("perf_event", on_sample)
PROGRAM("tc", on_tc)
PROGRAM("tcx/egress", on_tcx)
PROGRAM("netkit/primary", on_netkit)
PROGRAM("cgroup/connect4", on_connect)
PROGRAM("cgroup/connect_unix", on_connect_unix)
PROGRAM("sk_skb/verdict", on_verdict)
PROGRAM("sk_lookup", on_lookup)
PROGRAM("flow_dissector", on_dissector)
PROGRAM("sk_msg", on_message)
PROGRAM("syscall", on_run)
