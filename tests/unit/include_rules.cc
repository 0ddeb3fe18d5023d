#include "unit/include_rules.h"

#include <algorithm>
#include <map>

namespace test {
namespace {

using Rooms = std::vector<std::string_view>;

// In addition to the room itself. The verbs in command and the files next to main may include every room.
const std::map<std::string_view, Rooms>& allowed() {
  static const std::map<std::string_view, Rooms> rooms{
      {"support", {}},
      {"spec", {"support"}},
      {"object", {"spec", "support"}},
      {"host", {"object", "spec", "support"}},
      {"listing", {"host", "object", "spec", "support"}},
      {"attach", {"listing", "host", "object", "spec", "support"}},
      {"source", {"object", "spec", "support"}},
      {"decode", {"object", "spec", "support"}},
      {"filter", {"decode", "object", "spec", "support"}},
      {"view", {"filter", "decode", "object", "spec", "support"}},
      {"format", {"view", "filter", "decode", "object", "spec", "support"}},
      {"sink", {"support"}},
      {"engine",
       {"format", "view", "filter", "decode", "source", "attach", "sink", "host", "object", "spec",
        "support"}}};
  return rooms;
}

// The rooms, or files, that may include headers of a library.
struct Library {
  std::string_view directory;
  Rooms places;
};
const Library libraries[] = {{"bpf/", {"object", "attach", "source"}},
                             {"elfutils/", {"host"}},
                             {"nlohmann/", {"spec"}},
                             {"re2/", {"filter"}},
                             {"microhttpd.h", {"sink"}},
                             {"CLI/", {"command_line.cc"}}};

bool contains(const Rooms& rooms, std::string_view room) {
  return std::find(rooms.begin(), rooms.end(), room) != rooms.end();
}

// The text between the quotes or brackets of an #include, with the opening one; "" for other lines.
std::string_view included(std::string_view line) {
  const auto skip_space = [&] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  skip_space();
  if (!line.starts_with('#')) return {};
  line.remove_prefix(1);
  skip_space();
  if (!line.starts_with("include")) return {};
  line.remove_prefix(7);
  skip_space();
  if (!line.starts_with('"') && !line.starts_with('<')) return {};
  return line.substr(0, line.find_first_of("\">", 1));
}

std::string mistake(std::string_view room, std::string_view target) {
  const std::string_view path = target.substr(1);
  for (const Library& library : libraries) {
    if (path.starts_with(library.directory) && !contains(library.places, room)) {
      return "<" + std::string(path) + "> does not belong in " + std::string(room);
    }
  }
  if (target[0] != '"') return {};
  const std::size_t slash = path.find('/');
  const auto rules = allowed().find(room);
  if (slash == std::string_view::npos) {
    return rules == allowed().end() ? "" : "\"" + std::string(path) + "\" names no room";
  }
  const std::string_view to = path.substr(0, slash);
  if (to != "command" && !allowed().contains(to)) return "unknown room \"" + std::string(to) + "\"";
  if (rules == allowed().end() || to == room || contains(rules->second, to)) return {};
  return std::string(room) + " must not include \"" + std::string(path) + "\"";
}

}  // namespace

std::vector<std::string> include_mistakes(std::string_view path, std::string_view text) {
  std::vector<std::string> mistakes;
  constexpr std::string_view top = "runner/";
  std::string_view room = path.substr(std::min(path.find(top) + top.size(), path.size()));
  if (const std::size_t slash = room.find('/'); slash != std::string_view::npos) room = room.substr(0, slash);
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view target = included(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (target.size() < 2) continue;
    const std::string what = mistake(room, target);
    if (!what.empty()) mistakes.push_back(std::string(path) + ":" + std::to_string(number) + ": " + what);
  }
  return mistakes;
}

}  // namespace test
