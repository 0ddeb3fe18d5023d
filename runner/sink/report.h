// Diagnostics, as people read them.
#pragma once

#include <vector>

#include "support/error.h"

namespace probe_run {

// Prints diagnostics to stderr.
void report(const std::vector<Diagnostic>& diagnostics);

}  // namespace probe_run
