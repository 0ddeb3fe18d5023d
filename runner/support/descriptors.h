// How many files this process may have open: each map, program, link and perf event takes a descriptor.
#pragma once

#include <cstddef>
#include <string>

namespace probe_run {

// Raises the limit of open files (RLIMIT_NOFILE) to the hard limit.
void raise_descriptor_limit() noexcept;

// Whether `count` more files can be opened now.
bool has_descriptors(std::size_t count) noexcept;

// The hint for a lack of them, with the limit.
std::string descriptor_limit_hint();

}  // namespace probe_run
