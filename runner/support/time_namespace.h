// The clocks of a time namespace (unshare -T, clone with CLONE_NEWTIME) run ahead of the kernel's own, which BPF
// programs read and the kernel writes to its records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace probe_run {

// Nanoseconds that this process's clocks are ahead; 0 outside of time namespaces.
struct ClockOffsets {
  std::int64_t monotonic = 0, boottime = 0;
};

// Of the text of /proc/self/timens_offsets. Lines that are not understood count as 0.
ClockOffsets parse_clock_offsets(std::string_view text) noexcept;

ClockOffsets clock_offsets();

// How far the kernel's CLOCK_BOOTTIME is ahead of its CLOCK_MONOTONIC: how long the machine has slept.
std::int64_t slept_ns(const ClockOffsets& offsets) noexcept;

}  // namespace probe_run
