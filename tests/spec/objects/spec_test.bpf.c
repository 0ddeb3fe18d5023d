// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Not a probe: one of everything that a spec can name, for the specs in tests/spec. It is opened and never
// loaded.
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum color { RED, GREEN = 5, BLUE };

struct endpoint {
  __u32 address;
  __be16 port;
};

struct event {
  __u64 ts;
  __u64 wall;
  __u64 took;
  __u32 pid;
  __s32 result;
  __u32 saddr;
  __u8 daddr[16];
  __u8 mac[6];
  __be16 port;
  __u32 numbers[4];
  struct endpoint peer;
  enum color color;
  bool ok;
  char comm[16];
};
const struct event* record_type_event __attribute__((unused));

struct line {
  __u32 pid;
  char text[];  // as long as the record
};
const struct line* record_type_line __attribute__((unused));

enum what { OPENED = 1, CLOSED, FAILED = -1 };

struct head {
  enum what what;
  __u32 tgid;
};
const struct head* record_type_head __attribute__((unused));

struct closed {
  enum what what;
  __u32 tgid;
  __u64 inode;
};
const struct closed* record_type_closed __attribute__((unused));

struct hop {
  __u8 family;
  union {
    __be32 v4;
    __u8 v6[16];
  };
};

struct opened {
  enum what what;
  __u32 tgid;
  union {
    __u32 fd;
    __s64 error;
  };
  __s32 stack_id;
  __u32 flags;
  __u64 address;
  __u64 addresses[8];
  struct bpf_stack_build_id build_ids[4];
  struct hop hops[2];
  __u32 rows[2][2];
  __u16 mode;
  __u8 letter;
  __u8 kind : 3;
  __u8 state : 5;
  double load;
  unsigned __int128 wide;
};
const struct opened* record_type_opened __attribute__((unused));

struct flow {
  __u32 pid;
  char comm[16];
};

struct traffic {
  __u64 packets;
  __u64 bytes;
};

struct drops {
  __u64 count;
  char reason[16];
};

const volatile __u32 target_pid = 0;
const volatile __u8 level = 1;
const volatile __s32 least = 0;
const volatile __u64 most = 0;
const volatile char target_comm[16] = "";
const volatile bool enabled = false;
const volatile enum color paint = RED;
const volatile __u16 ports[4] = {};
const volatile struct endpoint server = {};
const volatile __be32 gateway = 0;
const volatile __u8 gateway6[16] = {};
const volatile __u8 gateway_mac[6] = {};
const volatile unsigned __int128 wide = 0;
const volatile float factor = 1;

struct switches {
  __u32 low : 3;
  __s32 sign : 4;
};
const volatile struct switches switches = {};

__u64 dropped = 0;

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 64 * 1024);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(__u32));
} lines SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct traffic);
} total SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, struct flow);
  __type(value, struct traffic);
} flows SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
  __uint(max_entries, 1024);
  __type(key, __u32);
  __type(value, __u64);
} by_port SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct drops);
} drops SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 16);
  __uint(key_size, 0);
  __uint(value_size, sizeof(__u32));
} waiting SEC(".maps");

// Of the other types, which a spec can read in its own way, or not at all.
#define MAP(map, map_type, entries, key_type, value_type) \
  struct {                                                \
    __uint(type, map_type);                               \
    __uint(max_entries, entries);                         \
    __type(key, key_type);                                \
    __type(value, value_type);                            \
  } map SEC(".maps")

// Its entries are allocated one by one, which the kernel asks for.
#define SPARSE_MAP(map, map_type, entries, key_type, value_type) \
  struct {                                                       \
    __uint(type, map_type);                                      \
    __uint(max_entries, entries);                                \
    __uint(map_flags, BPF_F_NO_PREALLOC);                        \
    __type(key, key_type);                                       \
    __type(value, value_type);                                   \
  } map SEC(".maps")

struct prefix {
  __u32 length;
  __u8 address[4];
};

SPARSE_MAP(routes, BPF_MAP_TYPE_LPM_TRIE, 64, struct prefix, struct traffic);
MAP(sockets, BPF_MAP_TYPE_SOCKMAP, 8, __u32, __u64);
MAP(narrow_sockets, BPF_MAP_TYPE_SOCKMAP, 8, __u32, __u32);
MAP(devices, BPF_MAP_TYPE_DEVMAP, 8, __u32, __u32);
MAP(calls, BPF_MAP_TYPE_PROG_ARRAY, 8, __u32, __u32);
MAP(by_cgroup, BPF_MAP_TYPE_CGROUP_STORAGE, 0, struct bpf_cgroup_storage_key, __u64);
SPARSE_MAP(by_task, BPF_MAP_TYPE_TASK_STORAGE, 0, int, struct traffic);
SPARSE_MAP(by_cgrp, 32 /* BPF_MAP_TYPE_CGRP_STORAGE */, 0, int, __u64);
SPARSE_MAP(by_socket, BPF_MAP_TYPE_SK_STORAGE, 0, int, __u64);
SPARSE_MAP(by_inode, BPF_MAP_TYPE_INODE_STORAGE, 0, int, __u64);
MAP(xdp_sockets, BPF_MAP_TYPE_XSKMAP, 8, __u32, __u32);
MAP(cgroup_list, BPF_MAP_TYPE_CGROUP_ARRAY, 8, __u32, __u32);

MAP(described_devices, BPF_MAP_TYPE_DEVMAP_HASH, 8, __u32, struct bpf_devmap_val);
MAP(queues, BPF_MAP_TYPE_CPUMAP, 8, __u32, __u32);

struct table {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
} table SEC(".maps");

struct slots {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u64);
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
  __uint(max_entries, 4);
  __type(key, __u32);
  __array(values, struct table);
} tables SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 4);
  __type(key, __u32);
  __array(values, struct slots);
} slot_sets SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __uint(map_flags, BPF_F_RDONLY);
  __type(key, __u32);
  __type(value, __u64);
} read_only SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
  __uint(max_entries, 64);
  __type(value, __u32);
} known SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_STACK_TRACE);
  __uint(max_entries, 64);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, 127 * sizeof(__u64));
} stacks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_STACK_TRACE);
  __uint(max_entries, 64);
  __uint(map_flags, BPF_F_STACK_BUILD_ID);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, 20 * sizeof(struct bpf_stack_build_id));
} build_ids SEC(".maps");

typedef struct bpf_stack_build_id stack_of_build_ids[20];

struct {
  __uint(type, BPF_MAP_TYPE_STACK_TRACE);
  __uint(max_entries, 64);
  __uint(map_flags, BPF_F_STACK_BUILD_ID);
  __type(key, __u32);
  __type(value, stack_of_build_ids);
} typed_build_ids SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __uint(key_size, 6);
  __uint(value_size, 8);
} untyped SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_USER_RINGBUF);
  __uint(max_entries, 4096);
} requests SEC(".maps");

struct {
  __uint(type, 33 /* BPF_MAP_TYPE_ARENA */);
  __uint(max_entries, 4);
} heap SEC(".maps");

// Every global and map is named by a program, or libbpf would see none of them.
static __always_inline int touch(void) {
  __u32 key = 0;
  struct traffic* sum = bpf_map_lookup_elem(&total, &key);
  if (sum && target_pid == most && level == least && enabled)
    sum->packets += ports[0] + server.address + paint + gateway + gateway6[0] + gateway_mac[0] + (__u64)wide +
                    switches.low;
  if (bpf_map_lookup_elem(&by_port, &key) || bpf_map_lookup_elem(&drops, &key)) dropped += target_comm[0];
  struct flow flow = {};
  bpf_map_lookup_elem(&flows, &flow);
  bpf_map_push_elem(&waiting, &key, 0);
  struct event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (event) bpf_ringbuf_discard(event, 0);
  return 0;
}

SEC("kprobe/do_sys_openat2")
int on_kernel_function(void* ctx) {
  bpf_get_stackid(ctx, &stacks, 0);
  struct line line = {};
  bpf_perf_event_output(ctx, &lines, BPF_F_CURRENT_CPU, &line, sizeof(line));
  return touch();
}

SEC("uprobe")
int on_function(void* ctx) {
  (void)ctx;
  return touch();
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_tracepoint(void* ctx) {
  (void)ctx;
  return touch();
}

SEC("raw_tracepoint/sys_enter")
int on_raw_tracepoint(void* ctx) {
  (void)ctx;
  bpf_printk("a system call");
  return touch();
}

SEC("xdp")
int on_packet(struct xdp_md* ctx) {
  (void)ctx;
  touch();
  return XDP_PASS;
}
