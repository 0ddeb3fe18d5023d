// The command line, read with CLI11.
#pragma once

#include <variant>

#include "engine/options.h"
#include "sink/sink.h"

namespace probe_run {

// The options, or the exit code of a command line that asked only for what is printed to `out`: help, the version, a
// man page. Throws Error if it is wrong.
std::variant<Options, int> read_command_line(int argc, char** argv, Sink& out);

}  // namespace probe_run
