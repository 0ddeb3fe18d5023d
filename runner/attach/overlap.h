// Attach points at which the same thing is seen twice.
#pragma once

#include "object/description.h"
#include "support/source_text.h"

namespace probe_run {

struct Spec;

// Warns of attach points that are attached together and see the same event, if they are of one program, or of two
// that feed one map of the spec: everything is counted twice.
void warn_of_overlaps(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics);

}  // namespace probe_run
