// What a spec may ask of a map, by its row in map_type.h: to set it up, to fill it, to read it.
#pragma once

#include <optional>
#include <string>

#include "object/description.h"
#include "spec/spec.h"
#include "support/source_text.h"

namespace probe_run {

struct MapSpec;

// Whether the map is in "maps" only for what is done to it before the first program is attached: it has
// "entries", "pin" or "max_entries", no key that is about reading it, and no output names it. Without any
// "outputs", that is true of maps with "entries" and of those that cannot be read; all others are shown then.
bool is_set_up_only(const Spec& spec, const MapSpec& map, const MapInfo& info);

// Reports maps that the object does not have, and sizes and pins of maps that cannot have one.
void check_map_set_up(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics);

// Why "entries" cannot fill such a map; nullopt where they can. `why` is the end of: "entries" of X cannot be
// written: ...
struct EntryRefusal {
  std::string why;
  std::string hint;
};
std::optional<EntryRefusal> refuse_entries(const MapInfo& map);

// Reports what the map's class cannot do, each with what can be done instead. Returns whether it can be read
// (or written to) as asked.
bool check_map_rules(const MapSpec& spec, const MapInfo& map, const TypeTable& types,
                     Diagnostics& diagnostics);

}  // namespace probe_run
