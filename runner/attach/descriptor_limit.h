// Descriptors for many links.
#pragma once

namespace probe_run {

// Lets this process open as many files as the machine's owner allows it (RLIMIT_NOFILE): each link takes one.
void raise_descriptor_limit() noexcept;

}  // namespace probe_run
