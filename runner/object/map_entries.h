// "entries" of the spec's maps, as bytes: everything that can be known before the object is loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "object/description.h"
#include "support/source_text.h"

namespace probe_run {

struct Spec;

// What a value refers to gets its number when it is there: a descriptor, or the index of an interface.
struct EntryReference {
  enum class Kind { program, map, cgroup, interface };
  Kind kind = Kind::program;
  Located<std::string> name;
  std::uint32_t offset = 0;  // of its 4 bytes in the value
};

struct MapEntries;

struct EncodedEntry {
  Span at;
  std::vector<std::byte> key;  // empty where the map has none
  std::vector<std::byte> value;
  std::vector<EntryReference> references;
  std::shared_ptr<const MapEntries> inner;  // of a map of maps: a new map, whose descriptor is the value
};

struct MapEntries {
  const MapInfo* map = nullptr;   // of an inner map: what all of them are like
  std::uint32_t max_entries = 0;  // of the spec, or else the object
  std::vector<EncodedEntry> entries;
};

// Reports what cannot be written: types of maps that user space does not write, keys and values that do not
// fit, equal keys, more entries than there is room for, names of nothing. The result points into `object`.
std::vector<MapEntries> compile_map_entries(const Spec& spec, const ObjectDescription& object,
                                            Diagnostics& diagnostics);

// Reports programs that would never run: they have no "attach", and nothing in the maps calls them.
void check_called_programs(const Spec& spec, const ObjectDescription& object,
                           const std::vector<MapEntries>& entries, Diagnostics& diagnostics);

}  // namespace probe_run
