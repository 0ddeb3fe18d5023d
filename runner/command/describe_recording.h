// --describe of a recording: what was recorded, where and when, and whether it is complete.
#pragma once

#include <string>

namespace probe_run {

// Whether the file begins as a recording does. False if it cannot be read.
bool is_recording(const std::string& path);

// Prints it; returns false, after a warning on stderr, if the recording is damaged. Throws Error if it cannot be
// read.
bool describe_recording(const std::string& path);

}  // namespace probe_run
