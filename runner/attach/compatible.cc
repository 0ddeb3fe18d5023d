#include "attach/compatible.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <optional>

#include "support/utf8.h"

namespace probe_run {
namespace {

struct Need {
  std::uint32_t program_type;
  std::string_view section;  // an example of the SEC() that makes it
};

// One overload for each attach point. nullopt: any program that libbpf can attach by itself.
std::optional<Need> need(const XdpAttach&) {
  return Need{BPF_PROG_TYPE_XDP, "xdp"};
}
std::optional<Need> need(const KprobeAttach&) {
  return Need{BPF_PROG_TYPE_KPROBE, "kprobe"};
}
std::optional<Need> need(const KretprobeAttach&) {
  return Need{BPF_PROG_TYPE_KPROBE, "kretprobe"};
}
std::optional<Need> need(const UprobeAttach&) {
  return Need{BPF_PROG_TYPE_KPROBE, "uprobe"};
}
std::optional<Need> need(const UretprobeAttach&) {
  return Need{BPF_PROG_TYPE_KPROBE, "uretprobe"};
}
std::optional<Need> need(const TracepointAttach&) {
  return Need{BPF_PROG_TYPE_TRACEPOINT, "tracepoint"};
}
std::optional<Need> need(const RawTracepointAttach&) {
  return Need{BPF_PROG_TYPE_RAW_TRACEPOINT, "raw_tracepoint"};
}
std::optional<Need> need(const AutoAttach&) {
  return std::nullopt;
}

std::string_view type_name(const AttachPoint& point) {
  return std::visit([](const auto& p) { return std::decay_t<decltype(p)>::type; }, point);
}

}  // namespace

void check_attach_points(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics) {
  for (const ProgramSpec& program : spec.programs) {
    const ProgramInfo* const info = object.find_program(*program.name);
    if (info == nullptr) continue;  // said where the programs are selected
    for (const Located<AttachPoint>& point : program.attach.items) {
      const std::optional<Need> needed = std::visit([](const auto& p) { return need(p); }, point.value);
      if (!needed || needed->program_type == info->type) continue;
      diagnostics.error(point.at,
                        fmt::format("the program \"{}\" is compiled for SEC(\"{}\") and cannot attach as {}",
                                    info->name, escape_for_terminal(info->section), type_name(point.value)),
                        fmt::format("an attach point of type {} needs a program of SEC(\"{}\")",
                                    type_name(point.value), needed->section));
    }
  }
}

}  // namespace probe_run
