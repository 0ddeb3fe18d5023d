#include "object/map_use.h"

#include <algorithm>

namespace probe_run {
namespace {

// "layout" and "key_layout" say what entries are, written or read.
bool is_about_reading(const MapSpec& map) {
  return map.type || !map.types.empty() || map.poll || map.read || map.only_keys || map.send ||
         !map.fields.empty() || map.lost || map.per_cpu;
}

}  // namespace

bool is_set_up_only(const Spec& spec, const MapSpec& map, const MapInfo& info) {
  if (!map.entries && !map.pin && !map.max_entries) return false;
  if (is_about_reading(map)) return false;
  if (spec.outputs.empty()) return map.entries || info.map_class() == MapClass::unsupported;
  return std::none_of(spec.outputs.begin(), spec.outputs.end(),
                      [&](const OutputSpec& output) { return output.map && **output.map == *map.name; });
}

}  // namespace probe_run
