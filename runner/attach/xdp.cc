// XDP: packets of a network interface before the network stack sees them.
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

#include "attach/define_attach_type.h"
#include "attach/interface.h"
#include "attach/refusal.h"
#include "listing/search.h"
#include "object/libbpf.h"
#include "support/error.h"
#include "support/fd.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

struct XdpOccupant {
  std::string program;           // "\"drop\" (id 12)", ready to print
  std::string_view mode;         // "native"
  std::string_view remove_word;  // the mode in `ip link set dev X ... off`
  std::uint32_t link_id = 0;     // 0: attached without a link
};

struct Slot {
  std::uint32_t program_id;
  std::string_view mode;
  std::string_view remove_word;
};

std::array<Slot, 3> slots_of(int interface) {
  auto query = zeroed_options<bpf_xdp_query_opts>();
  if (bpf_xdp_query(interface, 0, &query) != 0) return {};
  return {{{query.drv_prog_id, "native", "xdpdrv"},
           {query.skb_prog_id, "generic", "xdpgeneric"},
           {query.hw_prog_id, "offload", "xdpoffload"}}};
}

std::string name_of_program(std::uint32_t id) {
  const Fd fd(bpf_prog_get_fd_by_id(id));
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0 || info.name[0] == '\0')
    return fmt::format("with id {}", id);
  return fmt::format("\"{}\" (id {})", escape_for_terminal(info.name), id);
}

std::uint32_t link_of(int interface, std::uint32_t program_id) {
  std::uint32_t id = 0;
  while (bpf_link_get_next_id(id, &id) == 0) {
    const Fd fd(bpf_link_get_fd_by_id(id));
    bpf_link_info info{};
    std::uint32_t size = sizeof info;
    if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) continue;
    if (info.type == BPF_LINK_TYPE_XDP && info.prog_id == program_id &&
        info.xdp.ifindex == static_cast<std::uint32_t>(interface)) {
      return id;
    }
  }
  return 0;
}

std::optional<XdpOccupant> find_xdp_occupant(int interface) {
  for (const Slot& slot : slots_of(interface)) {
    if (slot.program_id == 0) continue;
    return XdpOccupant{name_of_program(slot.program_id), slot.mode, slot.remove_word,
                       link_of(interface, slot.program_id)};
  }
  return std::nullopt;
}

// The mode in which the interface runs the program, which "auto" selected.
std::string_view xdp_mode_of(int interface, int program_fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) == 0) {
    for (const Slot& slot : slots_of(interface)) {
      if (slot.program_id == info.id) return slot.mode;
    }
  }
  return "auto";
}

constexpr bool needs_network = true;

std::uint32_t mode_flags(XdpMode mode) {
  switch (mode) {
    case XdpMode::generic:
      return XDP_FLAGS_SKB_MODE;
    case XdpMode::native:
      return XDP_FLAGS_DRV_MODE;
    case XdpMode::offload:
      return XDP_FLAGS_HW_MODE;
    case XdpMode::automatic:
      break;
  }
  return 0;
}

std::string describe_xdp(const std::string& iface, std::string_view mode) {
  return fmt::format("xdp on {} ({})", escape_for_terminal(iface), mode);
}

[[noreturn]] void refuse_occupied(const bpf_program* program, const std::string& target,
                                  const std::string& iface, int index, int error) {
  const std::string name = escape_for_terminal(iface);
  const std::optional<XdpOccupant> other = find_xdp_occupant(index);
  if (!other) {
    refuse(program, target, error,
           fmt::format("an interface that {} belongs to, such as a bond, may already have an XDP program: "
                       "see `bpftool net show`",
                       name));
  }
  std::string hint = fmt::format("`ip link show dev {}` shows it", name);
  if (other->link_id != 0) {
    hint += fmt::format(
        "; it belongs to link {0}: `bpftool link show id {0}` names the process that holds the link",
        other->link_id);
  } else {
    hint += fmt::format("; if it is not needed, `ip link set dev {} {} off` removes it", name,
                        other->remove_word);
  }
  refuse(program, target,
         fmt::format("{} already has the XDP program {} in {} mode, which was not replaced",
                     errno_text(error), other->program, other->mode),
         std::move(hint));
}

std::string refusal_hint(XdpMode mode, const std::string& iface, int error) {
  if (mode == XdpMode::offload) {
    return "offload needs a network card that can run BPF; "
           "\"mode\": \"native\" runs it in the driver";
  }
  if (mode == XdpMode::native && error == EOPNOTSUPP) {
    return fmt::format(
        "the driver of {} does not support native XDP; use \"mode\": \"generic\", which is slower and runs in the "
        "network stack",
        escape_for_terminal(iface));
  }
  if (mode == XdpMode::generic) return "the kernel's log (dmesg) may say why";
  if (mode == XdpMode::automatic)
    return "the driver and the generic mode both refused; the kernel's log (dmesg) may say why";
  return "the driver refused; usual causes are an MTU above one page, large receive offload or too few queues "
         "(see dmesg); \"mode\": \"generic\" does not depend on the driver";
}

std::string describe_target(const XdpAttach& point) {
  return describe_xdp(*point.iface, name_of(point.mode));
}

// For offload, the program is loaded to the device.
Fd prepare_for(bpf_program* program, const XdpAttach& point) {
  if (point.mode != XdpMode::offload) return {};
  const int interface = interface_index(program, describe_target(point), *point.iface);
  bpf_program__set_ifindex(program, static_cast<std::uint32_t>(interface));
  return {};
}

// A link instead of bpf_xdp_attach: it does not replace another program, and it is removed when the process ends, in
// whatever way. Sets errno.
Fd link_to(const bpf_program* program, int interface, std::uint32_t flags) {
  auto options = zeroed_options<bpf_link_create_opts>();
  options.flags = flags;
  return Fd(bpf_link_create(bpf_program__fd(program), interface, BPF_XDP, &options));
}

Attachment attach_to(bpf_program* program, const XdpAttach& point) {
  const std::string target = describe_target(point);
  const int interface = interface_index(program, target, *point.iface);
  Fd link = link_to(program, interface, mode_flags(point.mode));
  if (link) {
    const std::string_view mode = point.mode == XdpMode::automatic
                                      ? xdp_mode_of(interface, bpf_program__fd(program))
                                      : name_of(point.mode);
    return {describe_xdp(*point.iface, mode), std::move(link)};
  }
  const int error = errno;
  if (error == EBUSY || error == EEXIST) refuse_occupied(program, target, *point.iface, interface, error);
  // For "auto", the kernel asks only whether the driver knows XDP. The driver may still refuse this interface, for
  // example because of its MTU, or of what a bond balances by.
  if (point.mode == XdpMode::automatic && error != EPERM && error != EACCES) {
    link = link_to(program, interface, XDP_FLAGS_SKB_MODE);
    if (link) return {describe_xdp(*point.iface, name_of(XdpMode::generic)), std::move(link)};
  }
  refuse(program, target, error, refusal_hint(point.mode, *point.iface, error), needs_network);
}

void list_interfaces(Search& search) {
  for (const std::string& iface : interface_names()) {
    if (!search.wants(iface)) continue;
    Place& place = search.add(iface);
    if (search.details()) place.attach = {{"iface", iface}};
  }
}

}  // namespace

template <>
struct AttachTypeOf<XdpAttach> {
  static Section section() { return {"xdp", {BPF_PROG_TYPE_XDP}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 9};
  static constexpr std::string_view example = R"("iface": "eth0")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_interfaces};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject&, bpf_program* program, const XdpAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject&, bpf_program* program, const XdpAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const XdpAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<XdpAttach>();

}  // namespace probe_run
