#include "object/description.h"

#include <algorithm>

namespace probe_run {

const MapType& MapInfo::traits() const {
  // No map of C has such a name.
  return name.starts_with('.') ? section_type() : map_type(type);
}

std::string MapInfo::type_name() const {
  return map_class() == MapClass::section ? std::string(section_type().name) : map_type_name(type);
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
