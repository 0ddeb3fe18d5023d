#include "object/description.h"

#include <algorithm>

namespace probe_run {

MapClass MapInfo::map_class() const {
  // No map of C has such a name.
  if (name.starts_with('.')) return MapClass::section;
  const MapType* const known = find_map_type(type);
  return known != nullptr ? known->map_class : MapClass::unsupported;
}

bool MapInfo::is_per_cpu() const {
  const MapType* const known = find_map_type(type);
  return known != nullptr && known->per_cpu && map_class() != MapClass::section;
}

std::uint32_t MapInfo::entry_key_size() const {
  switch (map_class()) {
    case MapClass::bloom_filter:
      return value_size;
    case MapClass::cgrp_storage:
      return sizeof(std::uint64_t);
    default:
      return key_size;
  }
}

std::uint32_t MapInfo::entry_value_size() const {
  return map_class() == MapClass::bloom_filter ? 1 : value_size;
}

bool MapInfo::is_stream() const {
  switch (map_class()) {
    case MapClass::ring_buffer:
    case MapClass::perf_buffer:
    case MapClass::iterator:
      return true;
    default:
      return false;
  }
}

const MapInfo* ObjectDescription::find_map(std::string_view name) const {
  const auto found =
      std::find_if(maps.begin(), maps.end(), [&](const MapInfo& map) { return map.name == name; });
  return found == maps.end() ? nullptr : &*found;
}

const ProgramInfo* ObjectDescription::find_program(std::string_view name) const {
  const auto found =
      std::find_if(programs.begin(), programs.end(), [&](const ProgramInfo& p) { return p.name == name; });
  return found == programs.end() ? nullptr : &*found;
}

}  // namespace probe_run
