#include "attach/section_target.h"

#include <array>
#include <string>

#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/integer.h"

namespace probe_run {
namespace {

using Text = Located<std::string>;

// What follows the first slash of a section.
struct Target {
  std::string_view text;
  Span at;

  Text located(std::string_view part) const { return {std::string(part), at}; }
};

struct Split {
  std::string_view before, after;
};

// nullopt if one of the parts is empty.
std::optional<Split> split(std::string_view text, std::size_t place) {
  if (place == std::string_view::npos || place == 0 || place + 1 >= text.size()) return std::nullopt;
  return Split{text.substr(0, place), text.substr(place + 1)};
}

// "vfs_read+4"
struct WithOffset {
  std::string_view name;
  std::uint64_t offset = 0;
};
std::optional<WithOffset> with_offset(std::string_view text) {
  const auto parts = split(text, text.find('+'));
  if (!parts) return text.empty() ? std::nullopt : std::optional(WithOffset{text});
  const std::optional<std::uint64_t> offset = parse_number(parts->after);
  if (!offset) return std::nullopt;
  return WithOffset{parts->before, *offset};
}

std::optional<AttachPoint> kprobe(const Target& target) {
  const auto place = with_offset(target.text);
  if (!place) return std::nullopt;
  KprobeAttach point;
  point.symbol = target.located(place->name);
  point.offset = place->offset;
  return point;
}

std::optional<AttachPoint> kretprobe(const Target& target) {
  KretprobeAttach point;
  point.symbol = target.located(target.text);
  return point;
}

template <bool at_return>
std::optional<AttachPoint> kprobe_multi(const Target& target) {
  KprobeMultiAttach point;
  point.pattern = target.located(target.text);
  point.at_return = at_return;
  return point;
}

std::optional<AttachPoint> kprobe_session(const Target& target) {
  KprobeSessionAttach point;
  point.pattern = target.located(target.text);
  return point;
}

template <class Point, Text Point::*member>
std::optional<AttachPoint> named(const Target& target) {
  Point point;
  point.*member = target.located(target.text);
  return point;
}

// "/usr/bin/bash:readline"
template <class Point>
std::optional<AttachPoint> uprobe(const Target& target) {
  const auto parts = split(target.text, target.text.rfind(':'));
  const auto place = parts ? with_offset(parts->after) : std::nullopt;
  if (!place) return std::nullopt;
  Point point;
  point.binary = target.located(parts->before);
  point.symbol = target.located(place->name);
  if (place->offset != 0) point.offset = Located<std::uint64_t>{place->offset, target.at};
  return point;
}

template <bool at_return>
std::optional<AttachPoint> uprobe_multi(const Target& target) {
  const auto parts = split(target.text, target.text.rfind(':'));
  if (!parts) return std::nullopt;
  UprobeMultiAttach point;
  point.binary = target.located(parts->before);
  point.pattern = target.located(parts->after);
  point.at_return = at_return;
  return point;
}

// "/usr/lib/libc.so.6:libc:setjmp"
std::optional<AttachPoint> usdt(const Target& target) {
  const auto outer = split(target.text, target.text.rfind(':'));
  const auto inner = outer ? split(outer->before, outer->before.rfind(':')) : std::nullopt;
  if (!inner) return std::nullopt;
  UsdtAttach point;
  point.binary = target.located(inner->before);
  point.provider = target.located(inner->after);
  point.probe = target.located(outer->after);
  return point;
}

std::optional<AttachPoint> tracepoint(const Target& target) {
  const auto parts = split(target.text, target.text.find('/'));
  if (!parts) return std::nullopt;
  TracepointAttach point;
  point.category = target.located(parts->before);
  point.name = target.located(parts->after);
  return point;
}

struct Row {
  std::string_view prefix;
  std::optional<AttachPoint> (*read)(const Target& target);
};
constexpr std::array<Row, 24> rows{{
    {"kprobe", kprobe},
    {"kretprobe", kretprobe},
    {"kprobe.multi", kprobe_multi<false>},
    {"kretprobe.multi", kprobe_multi<true>},
    {"kprobe.session", kprobe_session},
    {"ksyscall", named<KsyscallAttach, &KsyscallAttach::syscall>},
    {"kretsyscall", named<KretsyscallAttach, &KretsyscallAttach::syscall>},
    {"uprobe", uprobe<UprobeAttach>},
    {"uretprobe", uprobe<UretprobeAttach>},
    {"uprobe.multi", uprobe_multi<false>},
    {"uretprobe.multi", uprobe_multi<true>},
    {"usdt", usdt},
    {"tracepoint", tracepoint},
    {"tp", tracepoint},
    {"raw_tracepoint", named<RawTracepointAttach, &RawTracepointAttach::name>},
    {"raw_tp", named<RawTracepointAttach, &RawTracepointAttach::name>},
    {"raw_tracepoint.w", named<RawTracepointAttach, &RawTracepointAttach::name>},
    {"raw_tp.w", named<RawTracepointAttach, &RawTracepointAttach::name>},
    {"tp_btf", named<TpBtfAttach, &TpBtfAttach::name>},
    {"fentry", named<FentryAttach, &FentryAttach::function>},
    {"fexit", named<FexitAttach, &FexitAttach::function>},
    {"fmod_ret", named<FmodRetAttach, &FmodRetAttach::function>},
    {"lsm", named<LsmAttach, &LsmAttach::hook>},
    {"iter", named<IterAttach, &IterAttach::target>},
}};

}  // namespace

std::optional<AttachPoint> section_target(std::string_view section, Span at) {
  const auto parts = split(section, section.find('/'));
  if (!parts) return std::nullopt;
  std::string_view prefix = parts->before;
  if (prefix.ends_with(".s")) prefix.remove_suffix(2);  // may sleep
  for (const Row& row : rows) {
    if (row.prefix == prefix) return row.read({parts->after, at});
  }
  return std::nullopt;
}

void resolve_section_targets(Spec& spec, const ObjectDescription& object) {
  for (ProgramChoice& choice : spec.programs) {
    for (ProgramGroup& way : choice.ways) {
      for (ProgramSpec& program : way.items) {
        const ProgramInfo* const info = object.find_program(*program.name);
        if (info == nullptr) continue;  // reported where the programs are selected
        for (Located<AttachPoint>& point : program.attach.items) {
          if (!std::holds_alternative<AutoAttach>(point.value)) continue;
          if (std::optional<AttachPoint> target = section_target(info->section, point.at))
            point.value = std::move(*target);
        }
      }
    }
  }
}

}  // namespace probe_run
