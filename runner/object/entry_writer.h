// "entries" of the spec's maps, written to the kernel.
#pragma once

#include <vector>

#include "object/bpf_object.h"
#include "object/map_entries.h"

namespace probe_run {

// Every entry in the order of the spec. An entry that names an optional program that was not loaded is left
// out: the program's failure is reported where it happened. Throws Error with the entry's place in the spec.
// REQUIRES: the object is loaded, and `entries` are those of its spec
void write_entries(const BpfObject& object, const Spec& spec, const std::vector<MapEntries>& entries);

}  // namespace probe_run
