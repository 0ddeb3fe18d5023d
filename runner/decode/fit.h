// Computes how much of a record the fields of a plan need.
#pragma once

#include "decode/plan.h"

namespace probe_run {

// Sets `plan.parts`. The plan must have all its conditions.
void measure(Plan& plan);

}  // namespace probe_run
