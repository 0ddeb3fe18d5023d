// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Not a probe: an object as users of other loaders write it, for the specs in tests/spec. It is opened and never
// loaded.
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct event {
  __u64 ts;
  __u32 pid;
};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
  __type(value, struct event);
} ring SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __type(value, struct event);
} perf SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
} unsized SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, __u32);
  __type(value, __u64);
} counts SEC(".maps");

static __always_inline void count(void) {
  __u32 key = 0;
  __u64* value = bpf_map_lookup_elem(&counts, &key);
  if (value) *value += 1;
}

__noinline int count_elsewhere(int by) {
  count();
  return by;
}

#define PROGRAM(section, name)       \
  SEC(section) int name(void* ctx) { \
    (void)ctx;                       \
    return 0;                        \
  }
#define COUNTS(section, name)        \
  SEC(section) int name(void* ctx) { \
    (void)ctx;                       \
    count();                         \
    return 0;                        \
  }

PROGRAM("monitor/exec", own_section)
PROGRAM("tcx/ingres", misspelt_section)
PROGRAM("kprobe/vfs_read+4", by_kprobe)
PROGRAM("kretprobe/vfs_read", by_kretprobe)
PROGRAM("kprobe.multi/vfs_*", by_multi)
PROGRAM("uprobe/libc.so.6:malloc", by_uprobe)
PROGRAM("uretprobe.s//usr/lib/libc.so.6:malloc", by_uretprobe)
PROGRAM("usdt/libc.so.6:libc:setjmp", by_usdt)
PROGRAM("tp/sched/sched_switch", by_tracepoint)
PROGRAM("raw_tp/sched_switch", by_raw)
PROGRAM("tp_btf/sched_switch", by_tp_btf)
PROGRAM("fentry/vfs_read", by_fentry)
PROGRAM("lsm.s/file_open", by_lsm)
PROGRAM("ksyscall/openat", by_ksyscall)
PROGRAM("tp/sched", half_a_target)
PROGRAM("kprobe/", no_target)
PROGRAM("freplace/f", by_freplace)

COUNTS("tp/sched/sched_wakeup", count_event)
COUNTS("raw_tp/sched_wakeup", count_raw)
COUNTS("kprobe", count_kprobe)
COUNTS("fentry", count_fentry)
COUNTS("tc", count_packets)
SEC("raw_tp")
int count_by_call(void* ctx) {
  (void)ctx;
  return count_elsewhere(1);
}
