// Values of the object's global variables (.rodata, .data, .bss), set before it is loaded.
#pragma once

#include "object/description.h"
#include "object/libbpf.h"
#include "support/source_text.h"

namespace probe_run {

struct Spec;

// Writes spec.globals into the object's initial data, each by its BTF type: numbers, booleans, enum names,
// strings into char arrays, lists into arrays, objects into structs. Reports names that the object lacks and
// values that do not fit.
void set_globals(bpf_object* object, const ObjectDescription& description, const Spec& spec,
                 Diagnostics& diagnostics);

// The map that holds a section's variables, or nullptr.
bpf_map* section_map(bpf_object* object, std::string_view section);

}  // namespace probe_run
