// Whether a map of the spec is read.
#pragma once

#include "object/description.h"
#include "spec/spec.h"

namespace probe_run {

// It stands in "maps" only for what is done to it before the first program is attached: it has "entries",
// "pin" or "max_entries", no key that is about reading it, and no output names it. Without any "outputs",
// that is true of maps with "entries" and of those that cannot be read; all others are shown then.
bool is_set_up_only(const Spec& spec, const MapSpec& map, const MapInfo& info);

}  // namespace probe_run
