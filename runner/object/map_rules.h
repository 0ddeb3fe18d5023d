// What the spec may ask of each class of map.
#pragma once

#include "object/description.h"
#include "spec/spec.h"

namespace probe_run {

// Reports what the map's class cannot do, each with what can be done instead. Returns whether it can be read
// (or written to) as asked.
bool check_map_rules(const MapSpec& spec, const MapInfo& map, const TypeTable& types,
                     Diagnostics& diagnostics);

}  // namespace probe_run
