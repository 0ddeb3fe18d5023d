// Packets of an interface by links of the kernel: tcx, and the ends of netkit pairs.
//
// libbpf has calls for them from 1.3 on, but they are the kernel's plain links, which every libbpf makes.
#include <fmt/format.h>

#include <cerrno>

#include "attach/families.h"
#include "attach/interface.h"
#include "attach/refusal.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// enum bpf_attach_type; the kernel headers of some distributions are older.
enum : int { tcx_ingress = 46, tcx_egress = 47, netkit_primary = 54, netkit_peer = 55 };

Attachment attach_link(bpf_program* program, const std::string& target, const std::string& iface, int type,
                       std::string_view invalid) {
  const int interface = interface_index(program, target, iface);
  Fd link(bpf_link_create(bpf_program__fd(program), interface, static_cast<bpf_attach_type>(type), nullptr));
  if (link) return {target, std::move(link)};
  const int error = errno;
  refuse(program, target, error,
         error == EINVAL || error == EOPNOTSUPP || error == EACCES ? std::string(invalid) : std::string(),
         true);
}

}  // namespace

std::string describe_target(const TcxAttach& point) {
  return fmt::format("tcx on {} ({})", escape_for_terminal(*point.iface), name_of(point.direction));
}
std::string describe_target(const NetkitAttach& point) {
  return fmt::format("netkit on {} ({})", escape_for_terminal(*point.iface), name_of(point.end));
}

Attachment attach_to(bpf_program* program, const TcxAttach& point) {
  return attach_link(program, describe_target(point), *point.iface,
                     point.direction == Direction::ingress ? tcx_ingress : tcx_egress,
                     "tcx needs Linux 6.6; before, use the type \"tc\"");
}
Attachment attach_to(bpf_program* program, const NetkitAttach& point) {
  return attach_link(
      program, describe_target(point), *point.iface,
      point.end == NetkitEnd::primary ? netkit_primary : netkit_peer,
      "the interface must be the primary device of a netkit pair, and the kernel Linux 6.7 or newer");
}

}  // namespace probe_run
