// Checks whether a program can attach where a spec says, as far as this is known without a kernel.
#pragma once

#include "object/description.h"
#include "support/source_text.h"

namespace probe_run {

struct Spec;

// Reports each attach point whose type needs another program type than the one given by SEC() in the object, or
// a newer libbpf, or which cannot be combined with the program's other points.
void check_attach_points(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics);

}  // namespace probe_run
