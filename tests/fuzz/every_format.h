// Rows through every format, with checks of the output.
#pragma once

#include <vector>

#include "decode/plan.h"
#include "decode/renderer.h"
#include "fuzz/choices.h"

namespace fuzz {

// Columns and templates are chosen at random. Aborts if an output violates its format.
void print_in_every_format(const probe_run::Plan& plan, const std::vector<Bytes>& rows,
                           const probe_run::RenderContext& context, Choices& choices);

}  // namespace fuzz
