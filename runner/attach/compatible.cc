#include "attach/compatible.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <array>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "attach/attach_type.h"
#include "attach/libbpf_version.h"
#include "attach/newer_section.h"
#include "spec/map_spec.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool contains(const std::vector<std::uint32_t>& list, std::uint32_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool fits(const Section& need, const ProgramInfo& program) {
  if (need.program_types.empty()) return true;
  std::uint32_t type = program.type, attach_type = program.attach_type;
  // Preparing the point closes what libbpf leaves open.
  if (const auto types = newer_section(program.section); types && type == BPF_PROG_TYPE_UNSPEC) {
    type = types->program;
    attach_type = types->attach;
  }
  if (type == BPF_PROG_TYPE_UNSPEC) return type_for_own_section(need) != 0;
  if (!contains(need.program_types, type)) return false;
  return need.attach_types.empty() || contains(need.attach_types, attach_type);
}

// The attach types for such a program.
std::vector<std::string_view> types_for(const ProgramInfo& program) {
  std::vector<std::string_view> types;
  for (const AttachType& type : attach_types()) {
    if (!type.section.program_types.empty() && fits(type.section, program)) types.push_back(type.name);
  }
  return types;
}

bool has_own_section(const ProgramInfo& program) {
  return program.type == BPF_PROG_TYPE_UNSPEC && !newer_section(program.section);
}

// All keys of a point, as text.
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

// Whether a program with such a point can have other points of most types.
bool is_free(Company company) {
  return company == Company::any || company == Company::repeated;
}

class Check {
 public:
  Check(const ObjectDescription& object, Diagnostics& diagnostics)
      : object_(object), diagnostics_(diagnostics) {}

  // An iterator runs when it is read, so it must be both attached and read.
  void iterators(const Spec& spec) {
    const std::vector<const ProgramSpec*> programs = every_program(spec);
    for (const ProgramSpec* program : programs) {
      const ProgramInfo* const info = object_.find_program(*program->name);
      if (info == nullptr || !is_iterator(*program->name)) continue;
      const bool is_read = std::any_of(spec.maps.begin(), spec.maps.end(),
                                       [&](const MapSpec& map) { return *map.name == *program->name; });
      if (is_read) continue;
      diagnostics_.error(program->name.at,
                         fmt::format("the iterator \"{}\" is never read, so it would never run", info->name),
                         fmt::format("add {{ \"name\": \"{}\" }} to \"maps\"", info->name));
    }
    for (const MapSpec& map : spec.maps) {
      if (!is_iterator(*map.name)) continue;
      const bool is_attached = std::any_of(programs.begin(), programs.end(), [&](const ProgramSpec* program) {
        return *program->name == *map.name;
      });
      if (is_attached) continue;
      diagnostics_.error(
          map.name.at, fmt::format("the iterator \"{}\" is read, but not attached", *map.name),
          fmt::format(
              "add {{ \"name\": \"{}\", \"attach\": {{ \"type\": \"iter\", \"target\": \"task\" }} }} to "
              "\"programs\"",
              *map.name));
    }
  }

  // The kernel must be told what kind of program it is, and neither the section nor an attach point does.
  void called(const ProgramSpec& program) {
    const ProgramInfo* const info = object_.find_program(*program.name);
    if (info == nullptr || !program.attach.items.empty() || !has_own_section(*info)) return;
    diagnostics_.error(program.name.at,
                       fmt::format("SEC(\"{}\") of the program \"{}\" is not a section that libbpf knows",
                                   escape_for_terminal(info->section), info->name),
                       "compile it for the section of the programs that call it, such as SEC(\"xdp\")");
  }

  // A pin holds one link.
  void pin(const ProgramSpec& program) {
    if (!program.pin) return;
    const auto refuse = [&](std::string_view why, std::string hint) {
      diagnostics_.error(
          program.pin->at,
          fmt::format("the program \"{}\" cannot be pinned: {}", escape_for_terminal(*program.name), why),
          std::move(hint));
    };
    if (program.attach.items.empty()) return refuse("it is not attached", "remove \"pin\"");
    if (program.attach.items.size() > 1) {
      return refuse(fmt::format("a pin holds one link, but the program has {} attach points",
                                program.attach.items.size()),
                    "use a separate program in the object for each attach point");
    }
    const Pinning& pinning = attach_type(program.attach.items.front().value).pinning;
    if (!pinning.obstacle.empty()) refuse(pinning.obstacle, std::string(pinning.hint));
  }

  // Only one alternative of a choice is used, so a program may be in several of them with different points.
  struct Place {
    std::size_t choice = 0;
    std::size_t way = 0;
  };
  void point(const ProgramSpec& program, const Located<AttachPoint>& point, Place place) {
    if (!check_version(point)) return;
    attach_type(point.value).check(point.value, diagnostics_);
    const ProgramInfo* const info = object_.find_program(*program.name);
    if (info == nullptr) return;  // reported where the programs are selected
    check_section(*info, point);
    std::visit([&](const auto& alternative) { check_map(alternative); }, point.value);
    check_company(*info, point, place);
    check_repeated(*info, point, place);
  }

 private:
  bool is_iterator(const std::string& name) const {
    const MapInfo* const map = object_.find_map(name);
    return map != nullptr && map->map_class() == MapClass::iterator;
  }

  // An older libbpf does not know such a program's section either, so nothing else is reported then.
  bool check_version(const Located<AttachPoint>& point) {
    const LibbpfVersion needed = attach_type(point.value).libbpf;
    if (needed <= libbpf_built_with) return true;
    diagnostics_.error(point.at, needs_newer_libbpf(attach_type(point.value).name, needed),
                       "build probe-run with a newer libbpf, or choose another attach type");
    return false;
  }

  void check_section(const ProgramInfo& program, const Located<AttachPoint>& point) {
    const Section& needed = attach_type(point.value).section;
    if (needed.program_types.empty()) return check_auto(program, point);
    if (fits(needed, program)) return;
    diagnostics_.error(
        point.at,
        fmt::format("the program \"{}\" is compiled for SEC(\"{}\") and cannot attach as {}", program.name,
                    escape_for_terminal(program.section), attach_type(point.value).name),
        fmt::format("an attach point of type {} needs a program of SEC(\"{}\")",
                    attach_type(point.value).name, needed.name));
  }

  // Points of sections that name a target have the type of that target by now.
  void check_auto(const ProgramInfo& program, const Located<AttachPoint>& point) {
    if (has_own_section(program)) {
      diagnostics_.error(
          point.at,
          fmt::format("SEC(\"{}\") of the program \"{}\" is not a section that libbpf knows",
                      escape_for_terminal(program.section), program.name),
          "give the attach type and the target in the spec, such as \"attach\": {\"type\": \"kprobe\", "
          "\"symbol\": \"vfs_read\"}");
      return;
    }
    const std::vector<std::string_view> types = types_for(program);
    diagnostics_.error(point.at,
                       fmt::format("SEC(\"{}\") of the program \"{}\" does not say where it attaches",
                                   escape_for_terminal(program.section), program.name),
                       types.empty() ? "probe-run has no attach type for such a program"
                                     : fmt::format("give the target in the spec, with the attach type {}",
                                                   join(types, " or ")));
  }

  // The maps that attach points name.
  void check_map(const SockmapAttach& point) {
    check_map(point.map, "the object does not have a sockmap or sockhash \"{}\"", "maps of sockets",
              [](const MapInfo& map) {
                return map.type == BPF_MAP_TYPE_SOCKMAP || map.type == BPF_MAP_TYPE_SOCKHASH;
              });
  }
  void check_map(const StructOpsAttach& point) {
    check_map(point.map, "the object does not have a struct_ops variable \"{}\"",
              "variables in SEC(\".struct_ops\")",
              [](const MapInfo& map) { return map.type == BPF_MAP_TYPE_STRUCT_OPS; });
  }
  void check_map(const IterAttach& point) {
    // Other targets take no map, which is reported of the target.
    if (!point.map || (*point.target != "bpf_map_elem" && *point.target != "bpf_sk_storage_map")) return;
    check_map(*point.map, "the object does not have a map \"{}\"", "its maps", [](const MapInfo& map) {
      return map.map_class() != MapClass::section && map.map_class() != MapClass::iterator;
    });
  }
  template <class Point>
  void check_map(const Point&) {}

  template <class Fits>
  void check_map(const Located<std::string>& name, const char* what, std::string_view list,
                 const Fits& fits) {
    std::vector<std::string_view> maps;
    for (const MapInfo& map : object_.maps) {
      if (!fits(map)) continue;
      if (map.name == *name) return;
      maps.push_back(map.name);
    }
    diagnostics_.error(name.at, fmt::format(fmt::runtime(what), escape_for_terminal(*name)),
                       suggestion(*name, maps, list));
  }

  // Attached twice at the same point, a program would see everything twice, or the kernel would refuse it.
  void check_repeated(const ProgramInfo& program, const Located<AttachPoint>& point, Place place) {
    if (attach_type(point.value).company == Company::repeated) return;
    std::vector<Seen>& before = seen_[fmt::format("{} {}", program.name, text_of(point.value))];
    const auto other = std::find_if(before.begin(), before.end(), [&](const Seen& seen) {
      return seen.place.choice != place.choice || seen.place.way == place.way;
    });
    if (other != before.end()) {
      diagnostics_.error(
          point.at, fmt::format("duplicate attach point of the program \"{}\"", program.name),
          fmt::format("it is already on line {}", diagnostics_.source().line(other->at.begin)));
    }
    before.push_back({place, point.at});
  }

  void check_company(const ProgramInfo& program, const Located<AttachPoint>& point, Place place) {
    const Company company = attach_type(point.value).company;
    std::vector<Other>& others = others_[&program];
    const auto conflicts = [&](const Other& other) {
      if (other.place.choice == place.choice && other.place.way != place.way) return false;
      if (is_free(company) && is_free(other.company)) return false;
      return company != Company::same_type || other.index != point.value.index();
    };
    const bool fits = std::none_of(others.begin(), others.end(), conflicts);
    others.push_back({company, point.value.index(), place});
    if (fits) return;
    const std::string_view type = attach_type(point.value).name;
    diagnostics_.error(
        point.at,
        fmt::format("the program \"{}\" cannot have this attach point in addition to the one before",
                    program.name),
        fmt::format(
            "the kernel fixes the target of {} when it loads the program: use a separate program in the "
            "object for each attach point",
            is_free(company) ? "the one before" : type));
  }

  struct Other {
    Company company;
    std::size_t index;  // the type
    Place place;
  };

  const ObjectDescription& object_;
  Diagnostics& diagnostics_;
  std::map<const ProgramInfo*, std::vector<Other>> others_;  // earlier points, by program
  struct Seen {
    Place place;
    Span at;
  };
  std::map<std::string, std::vector<Seen>> seen_;  // the same, by program and all keys of the point
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
        check.called(program);
      }
    }
  }
  check.iterators(spec);
}

}  // namespace probe_run
