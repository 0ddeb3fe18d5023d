// How many files this process may have open: each map, program, link and perf event takes a descriptor.
#pragma once

#include <cstddef>
#include <string>

namespace probe_run {

// A standard descriptor that is closed would be the number of the next file opened, which then received what is written
// to standard output or error. What is written to /dev/null instead is not missed.
void open_standard_descriptors() noexcept;

// Raises the limit of open files (RLIMIT_NOFILE) to the hard limit.
void raise_descriptor_limit() noexcept;

// Whether `count` more files can be opened now.
bool has_descriptors(std::size_t count) noexcept;

// The hint for a lack of them, with the limit.
std::string descriptor_limit_hint();

}  // namespace probe_run
