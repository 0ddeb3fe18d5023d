// Converts numbers and names in a spec to values of a field.
#pragma once

#include <optional>

#include "decode/field.h"
#include "spec/map_spec.h"
#include "support/source_text.h"

namespace probe_run {

// The result of load() for this value: a number in the field's width, or one of its names (of an enum). Reports a
// number outside of the field's range and an unknown name. REQUIRES: field.scalar
std::optional<std::uint64_t> constant_for(const Field& field, const Located<Constant>& constant,
                                          Diagnostics& diagnostics);

}  // namespace probe_run
