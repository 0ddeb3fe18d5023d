#include "attach/overlap.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "attach/attach_type.h"
#include "spec/map_spec.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// What is seen, with wildcards if the spec has a pattern.
struct View {
  enum class Kind { function_entry, function_return, event, user_entry, user_return, packets, cgroup };
  Kind kind;
  std::string subject;  // the function, the event, the interface with a direction
  std::string within;   // the program or library, the module
  std::optional<std::int64_t> process = {};
  std::uint64_t offset = 0;
  std::uint64_t ordinal = 0;  // 0 for any
};

constexpr std::size_t most_compared = 1000;  // points: each is compared with all others

// A part of a pattern: any text, or one of some characters.
struct Part {
  bool any_text = false;
  std::bitset<256> characters = {};
};

// "[a-z]", "[!a-z]" or "[^a-z]", from after the bracket to after the closing one; nullopt if none closes it.
std::optional<Part> take_set(std::string_view& rest) {
  std::string_view text = rest;
  const bool none = text.starts_with('!') || text.starts_with('^');
  if (none) text.remove_prefix(1);
  Part part;
  for (bool first = true; !text.empty() && (first || text[0] != ']'); first = false) {
    if (text[0] == '\\' && text.size() > 1) text.remove_prefix(1);
    const auto low = static_cast<unsigned char>(text[0]);
    auto high = low;
    text.remove_prefix(1);
    if (text.size() > 1 && text[0] == '-' && text[1] != ']') {
      high = static_cast<unsigned char>(text[1]);
      text.remove_prefix(2);
    }
    for (unsigned c = low; c <= high; ++c) part.characters.set(c);
  }
  if (text.empty()) return std::nullopt;
  if (none) part.characters.flip();
  text.remove_prefix(1);
  rest = text;
  return part;
}

// Names are ASCII: a character is a byte.
std::vector<Part> parts_of(std::string_view pattern) {
  std::vector<Part> parts;
  parts.reserve(pattern.size());
  while (!pattern.empty()) {
    char c = pattern[0];
    pattern.remove_prefix(1);
    Part& part = parts.emplace_back();
    if (c == '*') {
      part.any_text = true;
      continue;
    }
    if (c == '?') {
      part.characters.set();
      continue;
    }
    if (c == '[') {
      if (auto set = take_set(pattern)) {
        part = *set;
        continue;
      }
    } else if (c == '\\' && !pattern.empty()) {
      c = pattern[0];
      pattern.remove_prefix(1);
    }
    part.characters.set(static_cast<unsigned char>(c));
  }
  return parts;
}

// Whether a text matches both patterns.
bool overlap(std::string_view first, std::string_view second) {
  const std::vector<Part> a = parts_of(first);
  const std::vector<Part> b = parts_of(second);
  // reached[j]: what was looked at of `a` and the first j parts of `b` have a text in common.
  std::vector<bool> reached(b.size() + 1, false);
  reached[0] = true;
  for (std::size_t j = 0; j < b.size() && b[j].any_text; ++j) reached[j + 1] = true;
  for (const Part& part : a) {
    std::vector<bool> next(b.size() + 1, false);
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (part.any_text) {
        next[j] = reached[j] || (j > 0 && next[j - 1]);
        continue;
      }
      if (j == 0) continue;
      const Part& other = b[j - 1];
      next[j] = other.any_text ? next[j - 1] || reached[j]
                               : reached[j - 1] && (part.characters & other.characters).any();
    }
    reached = std::move(next);
  }
  return reached[b.size()];
}

// As the tracepoint of a system call is named.
std::string system_call(std::string_view name, bool at_return) {
  return fmt::format("syscalls:sys_{}_{}", at_return ? "exit" : "enter", name);
}

class Views {
 public:
  static std::vector<View> of(const AttachPoint& point) {
    return std::visit([](const auto& p) { return of(p); }, point);
  }

 private:
  using Kind = View::Kind;

  template <class Point>
  static std::vector<View> of(const Point&) {
    return {};  // nothing else sees what these see
  }

  template <class Point>
  static std::vector<View> kernel_function(const Point& point, Kind kind, std::uint64_t offset) {
    return {{kind,
             *point.symbol,
             point.module ? **point.module : std::string(),
             {},
             offset,
             point.ordinal ? **point.ordinal : 0}};
  }
  static std::vector<View> of(const KprobeAttach& p) {
    return kernel_function(p, Kind::function_entry, p.offset);
  }
  static std::vector<View> of(const KretprobeAttach& p) {
    return kernel_function(p, Kind::function_return, 0);
  }

  template <class Point>
  static void add_functions(const Point& point, Kind kind, std::vector<View>& views) {
    if (point.pattern) return views.push_back({kind, **point.pattern, {}});
    for (const Located<std::string>& symbol : point.symbols->items) views.push_back({kind, *symbol, {}});
  }
  static std::vector<View> of(const KprobeMultiAttach& p) {
    std::vector<View> views;
    add_functions(p, p.at_return ? Kind::function_return : Kind::function_entry, views);
    return views;
  }
  static std::vector<View> of(const KprobeSessionAttach& p) {
    std::vector<View> views;
    add_functions(p, Kind::function_entry, views);
    add_functions(p, Kind::function_return, views);
    return views;
  }
  static std::vector<View> of(const FentryAttach& p) { return {{Kind::function_entry, *p.function, {}}}; }
  static std::vector<View> of(const FexitAttach& p) { return {{Kind::function_return, *p.function, {}}}; }

  static std::vector<View> of(const KsyscallAttach& p) {
    return {{Kind::event, system_call(*p.syscall, false), {}}};
  }
  static std::vector<View> of(const KretsyscallAttach& p) {
    return {{Kind::event, system_call(*p.syscall, true), {}}};
  }
  static std::vector<View> of(const TracepointAttach& p) {
    return {{Kind::event, fmt::format("{}:{}", *p.category, *p.name), {}}};
  }
  // Raw tracepoints have no category, and only one for all system calls.
  static std::vector<View> raw(const std::string& name) {
    if (name == "sys_enter" || name == "sys_exit")
      return {{Kind::event, system_call("*", name == "sys_exit"), {}},
              {Kind::event, "raw_syscalls:" + name, {}}};
    return {{Kind::event, "*:" + name, {}}};
  }
  static std::vector<View> of(const RawTracepointAttach& p) { return raw(*p.name); }
  static std::vector<View> of(const TpBtfAttach& p) { return raw(*p.name); }

  template <class Point>
  static std::vector<View> user_function(const Point& point, Kind kind) {
    View view{kind, {}, *point.binary, {}};
    if (point.pid) view.process = **point.pid;
    if (point.pattern) {
      view.subject = **point.pattern;
    } else {
      if (point.symbol) view.subject = **point.symbol;
      if (point.offset) view.offset = **point.offset;
      if (point.ordinal) view.ordinal = **point.ordinal;
    }
    return {std::move(view)};
  }
  static std::vector<View> of(const UprobeAttach& p) { return user_function(p, Kind::user_entry); }
  static std::vector<View> of(const UretprobeAttach& p) { return user_function(p, Kind::user_return); }
  static std::vector<View> of(const UprobeMultiAttach& p) {
    View view{p.at_return ? Kind::user_return : Kind::user_entry, *p.pattern, *p.binary, {}};
    if (p.pid) view.process = **p.pid;
    return {std::move(view)};
  }

  template <class Point>
  static std::vector<View> packets(const Point& point) {
    return {{Kind::packets, std::string(name_of(point.direction)), *point.iface, {}}};
  }
  static std::vector<View> of(const TcAttach& p) { return packets(p); }
  static std::vector<View> of(const TcxAttach& p) { return packets(p); }

  // Those of a cgroup are also those of the cgroups above it.
  static std::vector<View> of(const CgroupAttach& p) {
    std::string path = *p.path;
    while (path.ends_with('/') || path.ends_with("/.")) path.pop_back();
    if (path == ".") path.clear();
    return {{Kind::cgroup, std::move(path), {}}};
  }
};

bool is_same_or_below(std::string_view path, std::string_view top) {
  return path.starts_with(top) &&
         (top.empty() ? !path.starts_with('/') : path.size() == top.size() || path[top.size()] == '/');
}

bool overlap(const View& a, const View& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == View::Kind::cgroup)
    return is_same_or_below(a.subject, b.subject) || is_same_or_below(b.subject, a.subject);
  if (a.offset != b.offset || (a.ordinal != b.ordinal && a.ordinal != 0 && b.ordinal != 0)) return false;
  if (a.process && b.process && a.process != b.process) return false;
  const bool anywhere = a.kind != View::Kind::packets && (a.within.empty() || b.within.empty());
  if (!anywhere && a.within != b.within) return false;
  return overlap(std::string_view(a.subject), std::string_view(b.subject));
}

struct PlacedPoint {
  std::size_t choice, way;
  const ProgramSpec* program;
  const Located<AttachPoint>* point;
  std::vector<View> views;
};

bool overlap(const PlacedPoint& a, const PlacedPoint& b) {
  if (a.choice == b.choice && a.way != b.way) return false;  // one or the other is attached
  return std::any_of(a.views.begin(), a.views.end(), [&](const View& one) {
    return std::any_of(b.views.begin(), b.views.end(),
                       [&](const View& other) { return overlap(one, other); });
  });
}

// A map that the spec reads and both programs use; "" for none.
std::string shared_map(const Spec& spec, const ObjectDescription& object, const ProgramSpec& a,
                       const ProgramSpec& b) {
  const ProgramInfo* const one = object.find_program(*a.name);
  const ProgramInfo* const other = object.find_program(*b.name);
  if (one == nullptr || other == nullptr) return {};
  for (const MapSpec& map : spec.maps) {
    if (one->maps.contains(*map.name) && other->maps.contains(*map.name)) return *map.name;
  }
  return {};
}

void warn(Diagnostics& diagnostics, const PlacedPoint& point, std::string what, std::string hint) {
  diagnostics.warning(point.point->at, std::move(what), std::move(hint));
}

}  // namespace

void warn_of_overlaps(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics) {
  std::vector<PlacedPoint> points;
  for (std::size_t choice = 0; choice < spec.programs.size(); ++choice) {
    const std::vector<ProgramGroup>& ways = spec.programs[choice].ways;
    for (std::size_t way = 0; way < ways.size(); ++way) {
      for (const ProgramSpec& program : ways[way].items) {
        for (const Located<AttachPoint>& point : program.attach.items) {
          std::vector<View> views = Views::of(point.value);
          if (!views.empty()) points.push_back({choice, way, &program, &point, std::move(views)});
        }
      }
    }
  }
  points.resize(std::min(points.size(), most_compared));
  for (std::size_t i = 0; i < points.size(); ++i) {
    // One warning for a point is enough.
    for (std::size_t before = 0; before < i; ++before) {
      const PlacedPoint& one = points[before];
      const PlacedPoint& other = points[i];
      if (!overlap(one, other)) continue;
      const std::string place = fmt::format("{} on line {}", describe(one.point->value),
                                            diagnostics.source().excerpt(one.point->at).line);
      if (*one.program->name == *other.program->name) {
        warn(diagnostics, other,
             fmt::format("the program \"{}\" sees the same events here as at {}: they are counted twice",
                         escape_for_terminal(*other.program->name), place),
             "remove one of the attach points, or make them not overlap");
        break;
      }
      const std::string map = shared_map(spec, object, *one.program, *other.program);
      if (map.empty()) continue;
      warn(
          diagnostics, other,
          fmt::format(
              "the program \"{}\" sees the same events as \"{}\" at {}, and both use the map \"{}\": they are "
              "counted twice",
              escape_for_terminal(*other.program->name), escape_for_terminal(*one.program->name), place,
              escape_for_terminal(map)),
          "remove one of the programs, or make them alternatives with \"first_of\"");
      break;
    }
  }
}

}  // namespace probe_run
