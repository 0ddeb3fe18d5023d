// What each type of map needs of its definition, so that mistakes are found without a kernel.
#pragma once

#include "object/description.h"
#include "object/libbpf.h"
#include "support/source_text.h"

namespace probe_run {

struct Spec;

// Maps as users of libbpf and bpf2go define them, which no kernel takes: __type(value, T) of a ring buffer says what
// its records are, and a perf buffer may leave out its sizes. REQUIRES: not loaded
void complete_definition(bpf_map* map);

// Reports definitions that no kernel takes, with the sizes that the spec sets.
void check_map_definitions(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics);

}  // namespace probe_run
