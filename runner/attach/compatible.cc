#include "attach/compatible.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <array>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "attach/libbpf_version.h"
#include "attach/newer_section.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// What a point needs of the program's section.
struct Need {
  std::string_view section;  // an example of it
  std::vector<std::uint32_t> program_types;
  std::vector<std::uint32_t> attach_types = {};  // empty for any
};

// Types newer than the kernel headers of some distributions.
constexpr std::uint32_t program_type_netfilter = 32;

// One overload for each attach point. No types: any program that libbpf can attach by itself.
Need need(const XdpAttach&) {
  return {"xdp", {BPF_PROG_TYPE_XDP}};
}
Need need(const TcAttach&) {
  return {"tc", {BPF_PROG_TYPE_SCHED_CLS}};
}
Need need(const TcxAttach&) {
  return {"tc", {BPF_PROG_TYPE_SCHED_CLS}};
}
Need need(const NetkitAttach&) {
  return {"tc", {BPF_PROG_TYPE_SCHED_CLS}};
}
Need need(const NetfilterAttach&) {
  return {"netfilter", {program_type_netfilter}};
}
Need need(const SkLookupAttach&) {
  return {"sk_lookup", {BPF_PROG_TYPE_SK_LOOKUP}};
}
Need need(const FlowDissectorAttach&) {
  return {"flow_dissector", {BPF_PROG_TYPE_FLOW_DISSECTOR}};
}
Need need(const SockmapAttach&) {
  return {"sk_skb/stream_verdict",
          {BPF_PROG_TYPE_SK_SKB, BPF_PROG_TYPE_SK_MSG},
          {BPF_SK_SKB_STREAM_PARSER, BPF_SK_SKB_STREAM_VERDICT, BPF_SK_SKB_VERDICT, BPF_SK_MSG_VERDICT}};
}
Need need(const CgroupAttach&) {
  return {"cgroup_skb/ingress",
          {BPF_PROG_TYPE_CGROUP_SKB, BPF_PROG_TYPE_CGROUP_SOCK, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
           BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_PROG_TYPE_CGROUP_DEVICE,
           BPF_PROG_TYPE_SOCK_OPS, BPF_PROG_TYPE_LSM}};
}
Need need(const KprobeAttach&) {
  return {"kprobe", {BPF_PROG_TYPE_KPROBE}};
}
Need need(const KretprobeAttach&) {
  return {"kretprobe", {BPF_PROG_TYPE_KPROBE}};
}
Need need(const KprobeMultiAttach&) {
  return {"kprobe.multi", {BPF_PROG_TYPE_KPROBE}};
}
Need need(const KprobeSessionAttach&) {
  return {"kprobe.session", {BPF_PROG_TYPE_KPROBE}};
}
Need need(const KsyscallAttach&) {
  return {"ksyscall", {BPF_PROG_TYPE_KPROBE}};
}
Need need(const KretsyscallAttach&) {
  return {"kretsyscall", {BPF_PROG_TYPE_KPROBE}};
}
Need need(const FentryAttach&) {
  return {"fentry", {BPF_PROG_TYPE_TRACING}, {BPF_TRACE_FENTRY, BPF_TRACE_FEXIT, BPF_MODIFY_RETURN}};
}
Need need(const FexitAttach&) {
  return {"fexit", {BPF_PROG_TYPE_TRACING}, {BPF_TRACE_FENTRY, BPF_TRACE_FEXIT, BPF_MODIFY_RETURN}};
}
Need need(const FmodRetAttach&) {
  return {"fmod_ret", {BPF_PROG_TYPE_TRACING}, {BPF_TRACE_FENTRY, BPF_TRACE_FEXIT, BPF_MODIFY_RETURN}};
}
Need need(const LsmAttach&) {
  return {"lsm", {BPF_PROG_TYPE_LSM}, {BPF_LSM_MAC}};
}
Need need(const FreplaceAttach&) {
  return {"freplace", {BPF_PROG_TYPE_EXT}};
}
Need need(const StructOpsAttach&) {
  return {"struct_ops", {BPF_PROG_TYPE_STRUCT_OPS}};
}
Need need(const TracepointAttach&) {
  return {"tracepoint", {BPF_PROG_TYPE_TRACEPOINT}};
}
Need need(const RawTracepointAttach&) {
  return {"raw_tracepoint", {BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE}};
}
Need need(const TpBtfAttach&) {
  return {"tp_btf", {BPF_PROG_TYPE_TRACING}, {BPF_TRACE_RAW_TP}};
}
Need need(const IterAttach&) {
  return {"iter", {BPF_PROG_TYPE_TRACING}, {BPF_TRACE_ITER}};
}
Need need(const PerfEventAttach&) {
  return {"perf_event", {BPF_PROG_TYPE_PERF_EVENT}};
}
Need need(const UprobeAttach&) {
  return {"uprobe", {BPF_PROG_TYPE_KPROBE}};
}
Need need(const UretprobeAttach&) {
  return {"uretprobe", {BPF_PROG_TYPE_KPROBE}};
}
Need need(const UprobeMultiAttach&) {
  return {"uprobe.multi", {BPF_PROG_TYPE_KPROBE}};
}
Need need(const UsdtAttach&) {
  return {"usdt", {BPF_PROG_TYPE_KPROBE}};
}
Need need(const RunAttach&) {
  return {"syscall", {BPF_PROG_TYPE_SYSCALL}};
}
Need need(const AutoAttach&) {
  return {"", {}};
}

bool contains(const std::vector<std::uint32_t>& list, std::uint32_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool fits(const Need& need, const ProgramInfo& program) {
  if (need.program_types.empty()) return true;
  std::uint32_t type = program.type, attach_type = program.attach_type;
  // Preparing the point closes what libbpf leaves open.
  if (const auto types = newer_section(program.section); types && type == BPF_PROG_TYPE_UNSPEC) {
    type = types->program;
    attach_type = types->attach;
  }
  if (!contains(need.program_types, type)) return false;
  return need.attach_types.empty() || contains(need.attach_types, attach_type);
}

// The kernel fixes such a target when it loads the program, so the program can have no other.
enum class Loading { any, alone, multiple };  // multiple: only together with others of its type
template <class Point>
constexpr Loading loading(const Point&) {
  return Loading::any;
}
constexpr Loading loading(const FentryAttach&) {
  return Loading::alone;
}
constexpr Loading loading(const FexitAttach&) {
  return Loading::alone;
}
constexpr Loading loading(const FmodRetAttach&) {
  return Loading::alone;
}
constexpr Loading loading(const LsmAttach&) {
  return Loading::alone;
}
constexpr Loading loading(const FreplaceAttach&) {
  return Loading::alone;
}
constexpr Loading loading(const StructOpsAttach&) {
  return Loading::alone;
}
constexpr Loading loading(const TpBtfAttach&) {
  return Loading::alone;
}
constexpr Loading loading(const IterAttach&) {
  return Loading::alone;
}
constexpr Loading loading(const KprobeMultiAttach&) {
  return Loading::multiple;
}
constexpr Loading loading(const KprobeSessionAttach&) {
  return Loading::multiple;
}
constexpr Loading loading(const UprobeMultiAttach&) {
  return Loading::multiple;
}

constexpr std::size_t types_of_points = std::variant_size_v<AttachPoint>;

// The attach types that such a program is for.
template <std::size_t... I>
std::vector<std::string_view> types_for(const ProgramInfo& program, std::index_sequence<I...>) {
  std::vector<std::string_view> types;
  const auto add = [&](const auto& point) {
    const Need needed = need(point);
    if (!needed.program_types.empty() && fits(needed, program)) types.push_back(point.type);
  };
  (add(std::variant_alternative_t<I, AttachPoint>{}), ...);
  return types;
}

// Whether libbpf attaches the program by what its section says: SEC("tracepoint/sched/sched_switch").
bool names_target(const ProgramInfo& program) {
  constexpr std::array<std::uint32_t, 7> by_section{
      BPF_PROG_TYPE_KPROBE,  BPF_PROG_TYPE_TRACEPOINT, BPF_PROG_TYPE_RAW_TRACEPOINT,
      BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_LSM,        BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE,
      BPF_PROG_TYPE_EXT};
  if (program.type == BPF_PROG_TYPE_UNSPEC && !newer_section(program.section)) return true;  // libbpf knows
  if (std::find(by_section.begin(), by_section.end(), program.type) == by_section.end()) return false;
  return program.section.find('/') != std::string::npos;
}

// All that a point says, as text.
template <class T>
void add_text(std::string& text, const T& value) {
  if constexpr (requires { value.at; }) {
    add_text(text, *value);
  } else if constexpr (requires { value.items; }) {
    add_text(text, value.items);
  } else if constexpr (requires { value.has_value(); }) {
    if (value) add_text(text, *value);
  } else if constexpr (std::is_enum_v<T>) {
    text += std::to_string(static_cast<int>(value));
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    text += value;
  } else if constexpr (requires { value.begin(); }) {
    for (const auto& item : value) add_text(text, item);
  } else {
    text += std::to_string(value);
  }
  text += '\n';
}

std::string text_of(const AttachPoint& point) {
  return std::visit(
      [](const auto& p) {
        using Point = std::decay_t<decltype(p)>;
        std::string text(Point::type);
        if constexpr (requires { Point::keys(); })
          std::apply([&](const auto&... key) { (add_text(text, p.*key.member), ...); }, Point::keys());
        return text;
      },
      point);
}

std::string_view type_name(const AttachPoint& point) {
  return std::visit([](const auto& p) { return std::decay_t<decltype(p)>::type; }, point);
}

class Check {
 public:
  Check(const ObjectDescription& object, Diagnostics& diagnostics)
      : object_(object), diagnostics_(diagnostics) {}

  // A program that is called when it is read, and what the spec reads, belong together.
  void iterators(const Spec& spec) {
    const std::vector<const ProgramSpec*> programs = every_program(spec);
    for (const ProgramSpec* program : programs) {
      const ProgramInfo* const info = object_.find_program(*program->name);
      if (info == nullptr || !is_iterator(*program->name)) continue;
      const bool is_read = std::any_of(spec.maps.begin(), spec.maps.end(),
                                       [&](const MapSpec& map) { return *map.name == *program->name; });
      if (is_read) continue;
      diagnostics_.error(
          program->name.at,
          fmt::format("nobody reads the iterator \"{}\", so it would never be called", info->name),
          fmt::format("add {{ \"name\": \"{}\" }} to \"maps\"", info->name));
    }
    for (const MapSpec& map : spec.maps) {
      if (!is_iterator(*map.name)) continue;
      const bool is_attached = std::any_of(programs.begin(), programs.end(), [&](const ProgramSpec* program) {
        return *program->name == *map.name;
      });
      if (is_attached) continue;
      diagnostics_.error(
          map.name.at, fmt::format("the iterator \"{}\" is read, but attached nowhere", *map.name),
          fmt::format(
              "add {{ \"name\": \"{}\", \"attach\": {{ \"type\": \"iter\", \"target\": \"task\" }} }} to "
              "\"programs\"",
              *map.name));
    }
  }

  // A pin is of one link.
  void pin(const ProgramSpec& program) {
    if (!program.pin) return;
    const auto refuse = [&](std::string_view why, std::string hint) {
      diagnostics_.error(
          program.pin->at,
          fmt::format("the program \"{}\" cannot be pinned: {}", escape_for_terminal(*program.name), why),
          std::move(hint));
    };
    if (program.attach.items.empty()) return refuse("it is attached nowhere", "remove \"pin\"");
    if (program.attach.items.size() > 1) {
      return refuse(
          fmt::format("a pin is of one link, and it has {} attach points", program.attach.items.size()),
          "give each attach point a program of its own in the object");
    }
    const AttachPoint& point = program.attach.items.front().value;
    if (std::holds_alternative<TcAttach>(point)) {
      refuse("a filter of the traffic control is no link", "the attach type tcx makes one (Linux 6.6)");
    } else if (std::holds_alternative<RunAttach>(point)) {
      refuse("it runs once, and is attached nowhere", "remove \"pin\"");
    } else if (std::holds_alternative<SockmapAttach>(point)) {
      refuse("the kernel attaches it to the map without a link", "pin the map");
    } else if (std::holds_alternative<IterAttach>(point)) {
      refuse("it is called when this run reads it", "remove \"pin\"");
    }
  }

  // Of the ways of a choice only one is taken: a program may stand in several, each time with a point of its
  // own.
  struct Place {
    std::size_t choice = 0;
    std::size_t way = 0;
  };
  void point(const ProgramSpec& program, const Located<AttachPoint>& point, Place place) {
    if (!check_version(point)) return;
    check_values(point);
    const ProgramInfo* const info = object_.find_program(*program.name);
    if (info == nullptr) return;  // said where the programs are selected
    check_section(*info, point);
    check_company(*info, point, place);
    check_repeated(*info, point, place);
  }

 private:
  bool is_iterator(const std::string& name) const {
    const MapInfo* const map = object_.find_map(name);
    return map != nullptr && map->map_class() == MapClass::iterator;
  }

  // An older libbpf knows nothing of such a program's section either, so nothing else is said then.
  bool check_version(const Located<AttachPoint>& point) {
    const LibbpfVersion needed = std::visit([](const auto& p) { return libbpf_needed(p); }, point.value);
    if (needed <= libbpf_built_with) return true;
    diagnostics_.error(point.at, needs_newer_libbpf(type_name(point.value), needed),
                       "build it against a newer libbpf, or choose another attach type");
    return false;
  }

  void check_values(const Located<AttachPoint>& point) {
    std::visit([&](const auto& p) { check(p); }, point.value);
  }

  template <class Point>
  void check(const Point&) {}

  void check(const TcAttach& point) {
    const auto in_range = [&](const auto& number, std::uint64_t last, std::string_view what) {
      if (!number || (**number >= 1 && **number <= last)) return;
      diagnostics_.error(number->at, fmt::format("{} is no {} of a tc filter", **number, what),
                         fmt::format("from 1 to {}, or leave it out for the kernel to choose", last));
    };
    in_range(point.priority, UINT16_MAX, "priority");
    in_range(point.handle, UINT32_MAX, "handle");
  }

  // The kernel takes 0 for a counter that never overflows.
  void check(const PerfEventAttach& point) {
    if (point.frequency && **point.frequency == 0) {
      diagnostics_.error(point.frequency->at, "a \"frequency\" of 0 takes no samples",
                         "samples in a second, on each processor, such as 99");
    }
    if (point.period && **point.period == 0) {
      diagnostics_.error(point.period->at, "a \"period\" of 0 takes no samples",
                         "what is counted between two samples; of a clock, nanoseconds");
    }
  }

  // The kernel reads the choice in the way of the target: a map's descriptor would be a thread's id.
  void check(const IterAttach& point) {
    const auto only_for = [&](const auto& choice, std::string_view key,
                              std::vector<std::string_view> targets) {
      if (!choice || std::find(targets.begin(), targets.end(), *point.target) != targets.end()) return;
      diagnostics_.error(
          choice->at,
          fmt::format("an iterator over {} takes no \"{}\"", escape_for_terminal(*point.target), key),
          fmt::format("\"{}\" is for the target {}", key, join(targets, " or ")));
    };
    only_for(point.map, "map", {"bpf_map_elem", "bpf_sk_storage_map"});
    only_for(point.cgroup, "cgroup", {"cgroup"});
    only_for(point.pid, "pid", {"task", "task_file", "task_vma"});
  }

  void check(const CgroupAttach& point) {
    if (!point.path->empty()) return;
    diagnostics_.error(point.path.at, "the path of a cgroup is empty",
                       "\".\" is the place where cgroup2 is mounted, and so every cgroup");
  }

  void check_section(const ProgramInfo& program, const Located<AttachPoint>& point) {
    if (std::holds_alternative<AutoAttach>(point.value)) return check_auto(program, point);
    const Need needed = std::visit([](const auto& p) { return need(p); }, point.value);
    if (fits(needed, program)) return;
    diagnostics_.error(
        point.at,
        fmt::format("the program \"{}\" is compiled for SEC(\"{}\") and cannot attach as {}", program.name,
                    escape_for_terminal(program.section), type_name(point.value)),
        fmt::format("an attach point of type {} needs a program of SEC(\"{}\")", type_name(point.value),
                    needed.section));
  }

  void check_auto(const ProgramInfo& program, const Located<AttachPoint>& point) {
    if (names_target(program)) return;
    const std::vector<std::string_view> types =
        types_for(program, std::make_index_sequence<types_of_points>());
    diagnostics_.error(
        point.at,
        fmt::format("SEC(\"{}\") of the program \"{}\" does not say where it attaches",
                    escape_for_terminal(program.section), program.name),
        types.empty() ? "there is no attach type for such a program"
                      : fmt::format("write it in the spec, with the attach type {}", join(types, " or ")));
  }

  // Once more at the same place, a program would see everything twice, or be refused as its own rival.
  void check_repeated(const ProgramInfo& program, const Located<AttachPoint>& point, Place place) {
    if (std::holds_alternative<RunAttach>(point.value)) return;
    std::vector<Seen>& before = seen_[fmt::format("{} {}", program.name, text_of(point.value))];
    const auto other = std::find_if(before.begin(), before.end(), [&](const Seen& seen) {
      return seen.place.choice != place.choice || seen.place.way == place.way;
    });
    if (other != before.end()) {
      diagnostics_.error(
          point.at, fmt::format("the program \"{}\" has this attach point already", program.name),
          fmt::format("the first is in line {}", diagnostics_.source().excerpt(other->at).line));
    }
    before.push_back({place, point.at});
  }

  void check_company(const ProgramInfo& program, const Located<AttachPoint>& point, Place place) {
    const Loading kind = std::visit([](const auto& p) { return loading(p); }, point.value);
    std::vector<Other>& others = others_[&program];
    const auto conflicts = [&](const Other& other) {
      if (other.place.choice == place.choice && other.place.way != place.way) return false;
      if (kind == Loading::any && other.kind == Loading::any) return false;
      return kind != Loading::multiple || other.index != point.value.index();
    };
    const bool fits = std::none_of(others.begin(), others.end(), conflicts);
    others.push_back({kind, point.value.index(), place});
    if (fits) return;
    const std::string_view type = type_name(point.value);
    diagnostics_.error(
        point.at,
        fmt::format("the program \"{}\" has an attach point already, and cannot have this one besides",
                    program.name),
        fmt::format(
            "the kernel fixes the target of some types when it loads a program, here of {}: give each "
            "attach point a program of its own in the object",
            kind == Loading::any ? "the one before" : type));
  }

  struct Other {
    Loading kind;
    std::size_t index;  // the type
    Place place;
  };

  const ObjectDescription& object_;
  Diagnostics& diagnostics_;
  std::map<const ProgramInfo*, std::vector<Other>> others_;  // the points before, by their program
  struct Seen {
    Place place;
    Span at;
  };
  std::map<std::string, std::vector<Seen>> seen_;  // the same, by program and all that the point says
};

}  // namespace

void check_attach_points(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics) {
  Check check(object, diagnostics);
  for (std::size_t choice = 0; choice < spec.programs.size(); ++choice) {
    const std::vector<ProgramGroup>& ways = spec.programs[choice].ways;
    for (std::size_t way = 0; way < ways.size(); ++way) {
      for (const ProgramSpec& program : ways[way].items) {
        for (const Located<AttachPoint>& point : program.attach.items)
          check.point(program, point, {choice, way});
        check.pin(program);
      }
    }
  }
  check.iterators(spec);
}

}  // namespace probe_run
