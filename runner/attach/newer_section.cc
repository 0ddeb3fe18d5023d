#include "attach/newer_section.h"

#include <array>

namespace probe_run {
namespace {

// From enum bpf_attach_type: the kernel headers of some distributions are older.
constexpr int tcx_ingress = 46, tcx_egress = 47, netkit_primary = 54, netkit_peer = 55;
constexpr int connect_unix = 49, sendmsg_unix = 50, recvmsg_unix = 51, getpeername_unix = 52,
              getsockname_unix = 53;

struct Row {
  std::string_view section;
  bpf_prog_type program;
  int attach;
};

constexpr std::array<Row, 10> rows{{
    {"tcx/ingress", BPF_PROG_TYPE_SCHED_CLS, tcx_ingress},
    {"tcx/egress", BPF_PROG_TYPE_SCHED_CLS, tcx_egress},
    {"netkit/primary", BPF_PROG_TYPE_SCHED_CLS, netkit_primary},
    {"netkit/peer", BPF_PROG_TYPE_SCHED_CLS, netkit_peer},
    {"cgroup/connect_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, connect_unix},
    {"cgroup/sendmsg_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, sendmsg_unix},
    {"cgroup/recvmsg_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, recvmsg_unix},
    {"cgroup/getpeername_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, getpeername_unix},
    {"cgroup/getsockname_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, getsockname_unix},
    {"sk_skb/verdict", BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_VERDICT},
}};

}  // namespace

std::optional<SectionTypes> newer_section(std::string_view section) {
  for (const Row& row : rows) {
    if (row.section == section) return SectionTypes{row.program, static_cast<bpf_attach_type>(row.attach)};
  }
  return std::nullopt;
}

void choose_types(bpf_program* program) {
  if (bpf_program__type(program) != BPF_PROG_TYPE_UNSPEC) return;
  const std::optional<SectionTypes> types = newer_section(bpf_program__section_name(program));
  if (!types) return;
  bpf_program__set_type(program, types->program);
  bpf_program__set_expected_attach_type(program, types->attach);
}

}  // namespace probe_run
