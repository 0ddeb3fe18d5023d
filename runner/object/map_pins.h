// "pin" of the spec's maps.
#pragma once

#include <vector>

#include "object/libbpf.h"
#include "object/pins.h"

namespace probe_run {

struct MapSpec;
struct Spec;

// Before the load: maps that are pinned already and may be reused become the object's. Returns the others,
// which are to be pinned. Throws Error, with the place in the spec, where something else is there, or
// something that must not be reused or does not fit.
std::vector<const MapSpec*> take_pinned_maps(bpf_object* object, const Spec& spec);

// After the load. Throws as above.
void pin_maps(bpf_object* object, const Spec& spec, const std::vector<const MapSpec*>& maps, Pins& pins);

}  // namespace probe_run
