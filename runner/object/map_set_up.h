// What is done to maps before the first program is attached, as far as it is known without a kernel.
#pragma once

#include "object/description.h"
#include "spec/spec.h"

namespace probe_run {

// Reports maps that the object lacks, and a size or a pin for what can have none.
void check_map_set_up(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics);

}  // namespace probe_run
