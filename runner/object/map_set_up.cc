#include "object/map_set_up.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <set>
#include <string>

#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool has_own_size(const MapInfo& map) {
  switch (map.type) {
    case BPF_MAP_TYPE_SK_STORAGE:
    case BPF_MAP_TYPE_INODE_STORAGE:
    case BPF_MAP_TYPE_TASK_STORAGE:
    case BPF_MAP_TYPE_CGROUP_STORAGE:
    case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
    case map_type_cgrp_storage:
      return false;
    default:
      return true;
  }
}

void check_size(const MapSpec& wanted, const MapInfo& map, Diagnostics& diagnostics) {
  if (!wanted.max_entries || map.map_class() == MapClass::iterator) return;  // said where it is read
  const Span at = wanted.max_entries->at;
  const std::string name = escape_for_terminal(map.name);
  const std::uint64_t entries = **wanted.max_entries;
  if (map.map_class() == MapClass::section) {
    diagnostics.error(at, fmt::format("the section \"{}\" has the size of its variables", name),
                      "remove \"max_entries\"");
  } else if (!has_own_size(map)) {
    diagnostics.error(at,
                      fmt::format("the {} \"{}\" has no size of its own: its entries are kept with what they "
                                  "belong to",
                                  map_type_name(map.type), name),
                      "remove \"max_entries\"");
  } else if (entries == 0 || entries > UINT32_MAX) {
    diagnostics.error(at, fmt::format("the map \"{}\" cannot have {} entries", name, entries),
                      fmt::format("from 1 to {}", UINT32_MAX));
  }
}

void check_pin(const MapSpec& wanted, const MapInfo& map, Diagnostics& diagnostics) {
  if (!wanted.pin) return;
  const std::string name = escape_for_terminal(map.name);
  if (map.map_class() == MapClass::section) {
    diagnostics.error(
        wanted.pin->at,
        fmt::format("the section \"{}\" cannot be pinned: its variables begin anew with each run", name),
        "keep in a map what is to stay");
  } else if (map.map_class() == MapClass::iterator) {
    diagnostics.error(wanted.pin->at, fmt::format("\"{}\" is a program, not a map", name), "remove \"pin\"");
  }
}

}  // namespace

void check_map_set_up(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics) {
  std::set<std::string> seen;
  for (const MapSpec& wanted : spec.maps) {
    const std::string name = escape_for_terminal(*wanted.name);
    const MapInfo* const map = object.find_map(*wanted.name);
    if (map == nullptr) {
      std::vector<std::string_view> names;
      for (const MapInfo& known : object.maps) names.push_back(known.name);
      diagnostics.error(wanted.name.at,
                        fmt::format("{} has no map \"{}\"", escape_for_terminal(object.path), name),
                        suggestion(*wanted.name, names, "its maps"));
      continue;
    }
    if (!seen.insert(*wanted.name).second)
      diagnostics.error(wanted.name.at, fmt::format("the map \"{}\" appears twice", name));
    check_size(wanted, *map, diagnostics);
    check_pin(wanted, *map, diagnostics);
  }
}

}  // namespace probe_run
