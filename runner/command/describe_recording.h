// --describe of a recording: what was recorded, where and when, and whether it is complete.
#pragma once

#include <string>

#include "sink/sink.h"

namespace probe_run {

// Prints it to `out`; returns false, after a warning on stderr, if the recording is damaged. Throws Error if it cannot
// be read.
bool describe_recording(const std::string& path, Sink& out);

}  // namespace probe_run
