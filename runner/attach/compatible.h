// Whether a program can attach where a spec says, as far as that is known without a kernel.
#pragma once

#include "object/description.h"
#include "support/source_text.h"

namespace probe_run {

struct Spec;

// Reports each attach point whose type needs another type of program than the object's SEC() makes it, or a
// newer libbpf, or cannot be together with the program's others.
void check_attach_points(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics);

}  // namespace probe_run
