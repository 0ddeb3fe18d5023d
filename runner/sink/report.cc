#include "sink/report.h"

#include <fmt/format.h>

#include <cstdio>

namespace probe_run {

void report(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics) fmt::print(stderr, "{}", to_text(diagnostic));
}

}  // namespace probe_run
