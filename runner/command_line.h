// The command line, read with CLI11.
#pragma once

#include <variant>

#include "engine/options.h"

namespace probe_run {

// The options, or the exit code of a command line that is wrong or only asked for help (which is printed
// then).
std::variant<Options, int> read_command_line(int argc, char** argv);

}  // namespace probe_run
