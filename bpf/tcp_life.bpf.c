// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// Reports each TCP connection when it is closed: both addresses, its process, the bytes it carried and its
// duration. A connection within this machine has two ends, and each of them is reported.
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "kernel_structs.h"
#include "kernel_types.h"
#include "record_type.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct tcp_event {
  __u64 ts;
  __u64 duration;  // ns since the start of the connection
  __u64 sent;      // bytes, without retransmissions
  __u64 received;  // bytes; the peer's FIN counts as one
  __u32 pid;       // 0 if no process closed this end: the peer reset the connection
  __u16 lport;
  __u16 rport;
  __u8 laddr[16];  // IPv4 as ::ffff:10.0.0.1, so that one field serves both
  __u8 raddr[16];
  char comm[TASK_COMM_LEN];
};
RECORD_TYPE(tcp_event);

const volatile __u32 target_pid = 0;    // only this process; 0 for all
const volatile __u16 target_lport = 0;  // only this local port; 0 for all
const volatile __u16 target_rport = 0;  // only this remote port; 0 for all

__u64 dropped = 0;  // connections lost because the ring buffer or the table of connections was full

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1024 * 1024);
} events SEC(".maps");

struct connection {
  __u64 start;
  __u32 pid;
  char comm[TASK_COMM_LEN];
};

// By the socket's address in the kernel. Not an LRU table: that would silently evict long connections; this
// one fails, and the failure is counted.
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, __u64);
  __type(value, struct connection);
} connections SEC(".maps");

// As in the tracepoint's "format" file in tracefs. The ports are in host byte order. The IPv6 addresses are
// also set for IPv4, mapped.
struct set_state_ctx {
  __u64 common;
  __u64 socket;
  __s32 old_state;
  __s32 new_state;
  __u16 sport;
  __u16 dport;
  __u16 family;
  __u16 protocol;
  __u8 saddr[4];
  __u8 daddr[4];
  __u8 saddr_v6[16];
  __u8 daddr_v6[16];
};

static __always_inline void report(const struct set_state_ctx* ctx, const struct connection* connection) {
  if (target_pid && connection->pid != target_pid) return;
  if (target_lport && ctx->sport != target_lport) return;
  if (target_rport && ctx->dport != target_rport) return;

  struct tcp_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    __sync_fetch_and_add(&dropped, 1);
    return;
  }
  // The memory of a ring buffer is reused: bytes that are not written, including padding, would leak older
  // records.
  __builtin_memset(event, 0, sizeof(*event));
  const struct tcp_sock* const socket = (const struct tcp_sock*)ctx->socket;
  event->ts = bpf_ktime_get_ns();
  event->duration = event->ts - connection->start;
  event->sent = BPF_CORE_READ(socket, bytes_sent) - BPF_CORE_READ(socket, bytes_retrans);
  event->received = BPF_CORE_READ(socket, bytes_received);
  event->pid = connection->pid;
  event->lport = ctx->sport;
  event->rport = ctx->dport;
  __builtin_memcpy(event->laddr, ctx->saddr_v6, sizeof(event->laddr));
  __builtin_memcpy(event->raddr, ctx->daddr_v6, sizeof(event->raddr));
  __builtin_memcpy(event->comm, connection->comm, sizeof(event->comm));
  bpf_ringbuf_submit(event, 0);
}

SEC("tracepoint/sock/inet_sock_set_state")
int on_state(struct set_state_ctx* ctx) {
  if (ctx->protocol != IPPROTO_TCP) return 0;
  const __u64 socket = ctx->socket;
  struct connection* connection = bpf_map_lookup_elem(&connections, &socket);

  switch (ctx->new_state) {
    case BPF_TCP_SYN_SENT:
    case BPF_TCP_SYN_RECV:
    case BPF_TCP_ESTABLISHED:
      if (!connection) {
        const struct connection begun = {.start = bpf_ktime_get_ns()};
        if (bpf_map_update_elem(&connections, &socket, &begun, BPF_ANY)) {
          __sync_fetch_and_add(&dropped, 1);
          return 0;
        }
        connection = bpf_map_lookup_elem(&connections, &socket);
      }
      break;
    case BPF_TCP_CLOSE:
      if (!connection) return 0;  // started before the probe was attached, or a listening socket
      report(ctx, connection);
      bpf_map_delete_elem(&connections, &socket);
      return 0;
  }
  if (!connection) return 0;

  // A process of this machine causes these states, by connect() or close(). Packets cause the others, and the
  // process running at that moment is unrelated.
  if (ctx->new_state == BPF_TCP_SYN_SENT || ctx->new_state == BPF_TCP_FIN_WAIT1 ||
      ctx->new_state == BPF_TCP_LAST_ACK) {
    connection->pid = bpf_get_current_pid_tgid() >> 32;
    bpf_get_current_comm(connection->comm, sizeof(connection->comm));
  }
  return 0;
}
