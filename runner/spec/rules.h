// Rules between the keys of a spec that need nothing but the spec.
#pragma once

#include "support/source_text.h"

namespace probe_run {

struct Spec;

// Reports what breaks them. The schema (spec/schema.cc) holds the same ones, as far as a schema can.
// `programs` is the place of the list of programs.
void check_rules(const Spec& spec, Span programs, Diagnostics& diagnostics);

}  // namespace probe_run
