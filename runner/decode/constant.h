// Numbers and names of a spec as the values of a field.
#pragma once

#include <optional>

#include "decode/field.h"
#include "spec/map_spec.h"
#include "support/source_text.h"

namespace probe_run {

// What load() gives when the field has this value: a number in the field's width, or one of its names (an
// enum's). Reports a number that the field cannot hold and a name that it does not have. REQUIRES:
// field.scalar
std::optional<std::uint64_t> constant_for(const Field& field, const Located<Constant>& constant,
                                          Diagnostics& diagnostics);

}  // namespace probe_run
