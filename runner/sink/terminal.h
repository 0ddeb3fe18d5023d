// What the terminal behind a descriptor can show.
#pragma once

#include <optional>
#include <vector>

#include "support/error.h"
#include "support/screen.h"
#include "support/status.h"

namespace probe_run {

// nullopt: it is no terminal, or TERM says that nothing can be drawn upon it. Asks for the size each time.
// Environment: TERM; LC_ALL, LC_CTYPE or LANG for UTF-8; NO_COLOR.
std::optional<Screen> screen_of(int fd);

// Prints diagnostics to standard error, as people read them.
void report(const std::vector<Diagnostic>& diagnostics, Patience patience = Patience::unlimited);

}  // namespace probe_run
