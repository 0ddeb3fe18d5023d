// --describe of a recording: what was recorded, where and when, and whether all of it is there.
#pragma once

#include <string>

namespace probe_run {

// Whether the file begins as a recording does. False if it cannot be read.
bool is_recording(const std::string& path);

// Prints it; returns false when the recording is damaged, after a warning on stderr. Throws Error when it
// cannot be read.
bool describe_recording(const std::string& path);

}  // namespace probe_run
