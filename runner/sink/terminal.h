// Terminals: what they can show, and diagnostics.
#pragma once

#include <optional>
#include <vector>

#include "support/error.h"
#include "support/screen.h"

namespace probe_run {

// The terminal of a descriptor. nullopt: it is not a terminal, or TERM says that nothing can be drawn on it. The
// size is asked for at each call.
// Environment: TERM; LC_ALL, LC_CTYPE or LANG for UTF-8; NO_COLOR.
std::optional<Screen> screen_of(int fd);

// Prints diagnostics to stderr.
void report(const std::vector<Diagnostic>& diagnostics);

}  // namespace probe_run
