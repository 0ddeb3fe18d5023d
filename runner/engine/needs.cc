#include "engine/needs.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "attach/attach_type.h"
#include "object/capabilities.h"
#include "sink/listen_address.h"
#include "spec/program_spec.h"
#include "spec/spec.h"

namespace probe_run {
namespace {

template <class Point, class... Others>
constexpr bool is_one_of = (std::is_same_v<Point, Others> || ...);

// What the kind of an attach point needs beside its program's type.
struct OfPoint {
  bool tracefs = false;
  bool perf_events = false;
  bool uprobe = false;
  bool program_id = false;
  bool interface = false;
  bool cgroup = false;
};

OfPoint of_point(const AttachPoint& point, std::uint32_t program_type) {
  return std::visit(
      [&]<class Point>(const Point& at) {
        OfPoint needs;
        const bool automatic = is_one_of<Point, AutoAttach>;
        needs.tracefs =
            is_one_of<Point, TracepointAttach> || (automatic && program_type == BPF_PROG_TYPE_TRACEPOINT);
        needs.uprobe = is_one_of<Point, UprobeAttach, UretprobeAttach, UsdtAttach>;
        needs.perf_events = needs.uprobe || needs.tracefs ||
                            is_one_of<Point, KprobeAttach, KretprobeAttach, KsyscallAttach, KretsyscallAttach,
                                      PerfEventAttach> ||
                            (automatic && program_type == BPF_PROG_TYPE_KPROBE);
        if constexpr (is_one_of<Point, FreplaceAttach>)
          needs.program_id = at.program->find_first_not_of("0123456789") == std::string::npos;
        needs.interface = requires {
          at.iface;
        };
        needs.cgroup = is_one_of<Point, CgroupAttach>;
        return needs;
      },
      point);
}

std::uint32_t type_of(const ProgramSpec& program, const ObjectDescription& object) {
  const ProgramInfo* const info = object.find_program(*program.name);
  if (info != nullptr && info->type != BPF_PROG_TYPE_UNSPEC) return info->type;
  if (program.attach.items.empty()) return BPF_PROG_TYPE_UNSPEC;
  return type_for_own_section(attach_type(program.attach.items.front().value).section);
}

bool is_privileged_port(const ListenAddress& address) {
  const std::string text = address.text();
  const std::size_t colon = text.rfind(':');
  return colon != std::string::npos && text.size() - colon <= 5 && std::stoi(text.substr(colon + 1)) < 1024 &&
         !text.ends_with(":0");
}

std::string listed(Capabilities all, std::string_view separator, std::string_view CapabilityName::*spelling,
                   std::size_t cut = 0) {
  std::string text;
  for (const CapabilityName& name : names_of(all))
    text += fmt::format("{}{}", text.empty() ? "" : separator, (name.*spelling).substr(cut));
  return text;
}

}  // namespace

Capabilities Needs::all() const {
  Capabilities all;
  for (const Need& need : rights) all.add(need.rights);
  return all;
}

Needs needs_of(const CompiledSpec& compiled) {
  const ObjectDescription& object = compiled.object->description();
  Needs needs;
  Capabilities loading;
  OfPoint any;
  bool reuses_link = false, pins = false, of_process = false;
  for (const ProgramSpec* program : every_program(compiled.spec)) {
    const std::uint32_t type = type_of(*program, object);
    loading.add(needed_capabilities(type));
    reuses_link |= program->reuse_pin;
    pins |= program->pin.has_value();
    for (const Located<AttachPoint>& point : program->attach.items) {
      const OfPoint more = of_point(point.value, type);
      any.tracefs |= more.tracefs;
      any.perf_events |= more.perf_events;
      any.uprobe |= more.uprobe;
      any.program_id |= more.program_id;
      any.interface |= more.interface;
      any.cgroup |= more.cgroup;
    }
  }
  for (const MapInfo& map : object.maps) {
    if (map.map_class() != MapClass::iterator) loading.add(needed_for_map(map.type));
    pins |= !map.pin.empty();
  }
  bool perf_buffers = false, prints = false;
  for (const Input& input : compiled.pipeline->inputs()) {
    prints |= input.is_printed_lines();
    perf_buffers |= !input.is_printed_lines() && input.info->map_class() == MapClass::perf_buffer;
    pins |= !input.is_printed_lines() && input.spec->pin.has_value();
  }
  if (perf_buffers || prints) loading.add(Capability::perfmon);
  if (any.program_id || reuses_link) loading.add(Capability::sys_admin);
  needs.rights.push_back({loading, "to load and attach the programs", {}});
  // Older verifiers treat comparisons in such programs as leaks of addresses.
  if (loading.has(Capability::net_admin) && !loading.has(Capability::perfmon))
    needs.rights.push_back(
        {{Capability::perfmon}, "to load programs for packets", "on newer kernels, such as 6.12"});
  if (any.tracefs) {
    needs.rights.push_back({{Capability::dac_read_search},
                            "to read tracefs, which root must have mounted",
                            "if all users may read it (mount option mode=755)"});
  }
  const std::vector<NameKind> asked = compiled.pipeline->asked_names();
  const auto asks = [&](NameKind kind) { return std::find(asked.begin(), asked.end(), kind) != asked.end(); };
  if (asks(NameKind::kernel_symbol)) {
    needs.rights.push_back({{Capability::syslog},
                            "for the names of kernel functions",
                            "if kernel.kptr_restrict is 0 and kernel.perf_event_paranoid at most 1"});
  }
  if (asks(NameKind::user_symbol) || asks(NameKind::build_id_symbol)) {
    of_process = true;
    needs.rights.push_back({{Capability::sys_ptrace},
                            "for the symbols of other users' processes",
                            "if those are not of interest"});
  }
  const std::optional<ListenAddress> address =
      compiled.spec.listen ? parse_listen_address(**compiled.spec.listen) : std::nullopt;
  if (address && is_privileged_port(*address))
    needs.rights.push_back({{Capability::net_bind_service}, "for a port below 1024", {}});
  needs.perf_events = any.perf_events || perf_buffers || of_process;
  needs.uprobes = any.uprobe;

  std::vector<std::string_view>& options = needs.container_options;
  options.reserve(6);
  if (any.tracefs) options.emplace_back("-v /sys/kernel/tracing:/sys/kernel/tracing:ro");
  if (pins) options.emplace_back("-v /sys/fs/bpf:/sys/fs/bpf");
  if (any.cgroup) options.emplace_back("-v /sys/fs/cgroup:/sys/fs/cgroup");
  if (any.interface) options.emplace_back("--network host");
  if (needs.perf_events || of_process) options.emplace_back("--pid host");
  return needs;
}

std::string to_text(const Needs& needs) {
  std::string text;
  const auto line = [&](std::string_view title, std::string_view words) {
    text += fmt::format("  {}: {}\n", title, words);
  };
  const Capabilities all = needs.all();
  for (const Need& need : needs.rights) {
    line(listed(need.rights, ", ", &CapabilityName::name),
         fmt::format("{}{}{}", need.purpose, need.unless.empty() ? "" : "; not needed ", need.unless));
  }
  if (needs.uprobes) line("CAP_SYS_ADMIN", "if the kernel asks for it, as newer ones do for uprobes");
  if (needs.perf_events)
    line("CAP_SYS_ADMIN", "if kernel.perf_event_paranoid is 3 or more, as on Debian and Ubuntu");
  if (needs.perf_events)
    line("CAP_IPC_LOCK", "with many CPUs, or a higher limit of locked memory (ulimit -l)");
  line("before Linux 5.8", "CAP_SYS_ADMIN instead of CAP_BPF and CAP_PERFMON");
  line("before Linux 5.11", "also CAP_SYS_RESOURCE, or a higher limit of locked memory (ulimit -l)");
  line("for a group", fmt::format("p=$(command -v probe-run); chgrp GROUP $p; chmod 750 $p; setcap {}+ep $p",
                                  listed(all, ",", &CapabilityName::file_name)));
  const std::string names = listed(all, " ", &CapabilityName::name);
  line("for systemd", fmt::format("AmbientCapabilities={}", names));
  line("for systemd", fmt::format("CapabilityBoundingSet={}", names));
  std::string options;
  constexpr std::size_t prefix = std::string_view("CAP_").size();
  for (const CapabilityName& name : names_of(all)) {
    if (name.capability == Capability::dac_read_search) continue;  // its root owns tracefs
    options += fmt::format(" --cap-add {}", name.name.substr(prefix));
  }
  for (const std::string_view option : needs.container_options) options += fmt::format(" {}", option);
  text += fmt::format("  for a container:{}\n", options);
  return text;
}

}  // namespace probe_run
