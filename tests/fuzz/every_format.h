// Rows through every format, and what must hold of what comes out.
#pragma once

#include <vector>

#include "decode/plan.h"
#include "decode/renderer.h"
#include "fuzz/choices.h"

namespace fuzz {

// Columns and templates are chosen at random. Ends the process where an output is not what its format says.
void print_in_every_format(const probe_run::Plan& plan, const std::vector<Bytes>& rows,
                           const probe_run::RenderContext& context, Choices& choices);

}  // namespace fuzz
