// Packets that enter or leave an interface: traffic control filters (tc), kernel links (tcx) and the ends of
// netkit pairs.
//
// libbpf has functions for these links since 1.3, but they are plain kernel links, which every libbpf can create.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>

#include "attach/define_attach_type.h"
#include "attach/interface.h"
#include "attach/refusal.h"
#include "attach/tc_filter.h"
#include "listing/search.h"
#include "object/libbpf.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr bool needs_network = true;

std::uint32_t program_id(const bpf_program* program) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  return bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0 ? info.id : 0;
}

// Without a link, the filter of a killed run stays attached and keeps running.
std::string leftovers(const bpf_program* program, const TcAttach& point, int interface,
                      bpf_tc_attach_point direction) {
  const auto filters = tc_filters(interface, direction);
  if (!filters) return {};
  const std::string name = fmt::format("{}:[", bpf_program__name(program));
  for (const TcFilterInfo& filter : *filters) {
    if (!filter.program.starts_with(name)) continue;
    const std::string iface = escape_for_terminal(*point.iface);
    return fmt::format(
        "{0} already has a filter with a program of this name ({1}, priority {2}, handle {3:#x}), of another "
        "run or left behind by a killed one; remove it if unused: tc filter del dev {0} {1} prio {2} handle "
        "{3:#x} bpf",
        iface, name_of(point.direction), filter.priority, filter.handle);
  }
  return {};
}

// All filters of one priority are of the same kind.
std::string other_kind(const TcAttach& point, int interface, bpf_tc_attach_point direction) {
  if (!point.priority) return {};
  const auto filters = tc_filters(interface, direction);
  if (!filters) return {};
  for (const TcFilterInfo& filter : *filters) {
    if (filter.priority != **point.priority || filter.kind == "bpf") continue;
    return fmt::format(
        "choose another priority: filters of kind {} use priority {}, which cannot have another kind",
        escape_for_terminal(filter.kind), filter.priority);
  }
  return {};
}

[[noreturn]] void refuse_tc(const bpf_program* program, const std::string& target, const TcAttach& point,
                            int interface, bpf_tc_attach_point direction, int error) {
  std::string hint = "the kernel's log (dmesg) may say why";
  if (error == EEXIST) {
    hint = fmt::format(
        "a filter with this handle and priority already exists and was not replaced: see `tc filter show dev "
        "{} {}`",
        escape_for_terminal(*point.iface), name_of(point.direction));
  } else if (std::string other = other_kind(point, interface, direction); !other.empty()) {
    hint = std::move(other);
  } else if (error == EINVAL || error == ENOENT || error == EOPNOTSUPP) {
    hint = fmt::format(
        "another qdisc may be in the place of clsact (see `tc qdisc show dev {}`), or the kernel was built "
        "without CONFIG_NET_CLS_BPF",
        escape_for_terminal(*point.iface));
  }
  refuse(program, target, error, std::move(hint), needs_network);
}

// From enum bpf_attach_type: the kernel headers of some distributions are older.
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

constexpr std::string_view iface_key = "iface";

// Lists "eth0:ingress": an interface with the other key that the attach point needs.
template <class Choice>
void add_choices(Search& search, const std::string& iface, std::string_view key) {
  for (const auto& choice : EnumNames<Choice>::names) {
    const std::string target = fmt::format("{}:{}", iface, choice.name);
    if (!search.wants(target) && !search.wants(iface)) continue;
    Place& place = search.add(target);
    if (search.details()) place.attach = {{iface_key, iface}, {key, std::string(choice.name)}};
  }
}

std::string describe_target(const TcAttach& point) {
  return fmt::format("tc on {} ({})", escape_for_terminal(*point.iface), name_of(point.direction));
}

Attachment attach_to(bpf_program* program, const TcAttach& point) {
  const std::string target = describe_target(point);
  const int interface = interface_index(program, target, *point.iface);
  auto hook = zeroed_options<bpf_tc_hook>();
  hook.ifindex = interface;
  hook.attach_point = point.direction == Direction::ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS;
  const int created = -bpf_tc_hook_create(&hook);
  if (created != 0 && created != EEXIST) {
    refuse(program, target, created,
           created == ENOENT || created == EINVAL || created == EOPNOTSUPP
               ? "this kernel has no clsact qdisc (CONFIG_NET_SCH_INGRESS), or its module is not installed"
               : std::string(),
           needs_network);
  }
  const bool made_qdisc = created == 0;
  if (!made_qdisc && point.direction == Direction::egress && has_ingress_qdisc(interface)) {
    const std::string iface = escape_for_terminal(*point.iface);
    refuse(
        program, target,
        fmt::format("{} has the qdisc \"ingress\", which does not see outgoing packets", iface),
        fmt::format(
            "use the attach type tcx (Linux 6.6), which needs no qdisc; or, if the filters of the qdisc are not "
            "needed, remove it, and clsact will take its place: tc qdisc del dev {0} ingress",
            iface));
  }
  std::string warning = leftovers(program, point, interface, hook.attach_point);
  auto options = zeroed_options<bpf_tc_opts>();
  options.prog_fd = bpf_program__fd(program);
  if (point.handle) options.handle = static_cast<std::uint32_t>(**point.handle);
  if (point.priority) options.priority = static_cast<std::uint32_t>(**point.priority);
  const int error = -bpf_tc_attach(&hook, &options);
  if (error != 0) {
    // The kernel may have added it, and libbpf not have understood that.
    remove_filters(interface, hook.attach_point, program_id(program));
    if (made_qdisc) remove_empty_clsact(interface);
    refuse_tc(program, target, point, interface, hook.attach_point, error);
  }
  Attachment attachment(target, TcFilter({interface, hook.attach_point, options.handle, options.priority,
                                          program_id(program), made_qdisc}));
  if (!warning.empty()) attachment.warning = fmt::format("{}: {}", target, warning);
  return attachment;
}

std::string describe_target(const TcxAttach& point) {
  return fmt::format("tcx on {} ({})", escape_for_terminal(*point.iface), name_of(point.direction));
}
std::string describe_target(const NetkitAttach& point) {
  return fmt::format("netkit on {} ({})", escape_for_terminal(*point.iface), name_of(point.end));
}

Attachment attach_to(bpf_program* program, const TcxAttach& point) {
  return attach_link(program, describe_target(point), *point.iface,
                     point.direction == Direction::ingress ? tcx_ingress : tcx_egress,
                     "tcx needs Linux 6.6; use the type \"tc\" on older kernels");
}
Attachment attach_to(bpf_program* program, const NetkitAttach& point) {
  return attach_link(program, describe_target(point), *point.iface,
                     point.end == NetkitEnd::primary ? netkit_primary : netkit_peer,
                     "the interface must be the primary device of a netkit pair; this needs Linux 6.7");
}

void list_interface_directions(Search& search) {
  if (search.type() == TcxAttach::type && !search.machine().may_have_function("tcx_prog_attach")) {
    search.note("this kernel has no tcx (Linux 6.6)");
    return;
  }
  for (const std::string& iface : interface_names()) add_choices<Direction>(search, iface, "direction");
}

void list_netkit_devices(Search& search) {
  if (!search.machine().may_have_function("netkit_prog_attach")) {
    search.note("this kernel has no netkit devices (Linux 6.7 with CONFIG_NETKIT)");
    return;
  }
  for (const std::string& iface : interface_names()) {
    if (driver_of_interface(iface) == "netkit") add_choices<NetkitEnd>(search, iface, "end");
  }
}

void check_point(const TcAttach& point, Diagnostics& diagnostics) {
  const auto in_range = [&](const auto& number, std::uint64_t last, std::string_view what) {
    if (!number || (**number >= 1 && **number <= last)) return;
    diagnostics.error(number->at, fmt::format("{} is not a valid {} of a tc filter", **number, what),
                      fmt::format("use a number from 1 to {}, or omit it to let the kernel choose", last));
  };
  in_range(point.priority, UINT16_MAX, "priority");
  in_range(point.handle, UINT32_MAX, "handle");
}

}  // namespace

template <>
struct AttachTypeOf<TcAttach> {
  static Section section() { return {"tc", {BPF_PROG_TYPE_SCHED_CLS}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("iface": "eth0", "direction": "ingress")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning{"a tc filter has no link",
                                   "use the attach type tcx, which has one (Linux 6.6)"};
  static constexpr Places places{list_interface_directions};
  static constexpr auto check = check_point;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const TcAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const TcAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<TcAttach>();

template <>
struct AttachTypeOf<TcxAttach> {
  static Section section() { return {"tc", {BPF_PROG_TYPE_SCHED_CLS}, {}, {"tcx/ingress", "tcx/egress"}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{6, 6};
  static constexpr std::string_view example = R"("iface": "eth0", "direction": "ingress")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_interface_directions};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const TcxAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const TcxAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<TcxAttach>();

template <>
struct AttachTypeOf<NetkitAttach> {
  static Section section() {
    return {"tc", {BPF_PROG_TYPE_SCHED_CLS}, {}, {"netkit/primary", "netkit/peer"}};
  }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{6, 7};
  static constexpr std::string_view example = R"("iface": "nk0", "end": "primary")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_netkit_devices};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const NetkitAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const NetkitAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<NetkitAttach>();

}  // namespace probe_run
