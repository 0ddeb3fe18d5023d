// What the numbers of a field count, and how much of it counts: the keys "unit" and "length".
#pragma once

#include <string>

#include "decode/plan.h"
#include "support/source_text.h"

namespace probe_run {

// Chooses the renderer for numbers of the unit: one that prints a unit itself must know in which the numbers are.
// False: there is none, which has been reported.
bool choose_unit(const Renderer*& renderer, const Located<std::string>& unit, Field& field,
                 Diagnostics& diagnostics);

// `found`: the field that `length` names, beside `field`; nullptr if there is none. Reports mistakes.
void set_length(Field& field, const Located<std::string>& length, const Field* found, const Plan& plan,
                Diagnostics& diagnostics);

}  // namespace probe_run
