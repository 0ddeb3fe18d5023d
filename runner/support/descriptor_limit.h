// How many files this process may have open: each map, program, link and perf event takes a descriptor.
#pragma once

#include <string>

namespace probe_run {

// Lets this process open as many files as the machine's owner allows it (RLIMIT_NOFILE).
void raise_descriptor_limit() noexcept;

// What to do where there was no descriptor left (EMFILE), with the limit.
std::string descriptor_limit_hint();

}  // namespace probe_run
