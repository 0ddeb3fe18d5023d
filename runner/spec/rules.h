// Checks of a spec's keys that only need the spec.
#pragma once

#include "support/source_text.h"

namespace probe_run {

struct Spec;

// Reports violations. The schema (spec/schema.cc) has the same rules, as far as a schema can express them. `programs`
// is the position of the list of programs.
void check_rules(const Spec& spec, Span programs, Diagnostics& diagnostics);

}  // namespace probe_run
