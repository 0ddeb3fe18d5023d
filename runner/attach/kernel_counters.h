// What the kernel counts of a program and its links.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "attach/attach.h"

namespace probe_run {

// Calls of a probed function for which the kernel did not run the program.
struct MissedCalls {
  std::uint64_t count = 0;
  bool at_return = false;  // too many calls were in progress, rather than a probe within a probe
};

// nullopt if the kernel does not count them for such a link.
std::optional<MissedCalls> missed_calls(const Link& link) noexcept;

// Linux 6.7 and newer count the calls that kprobes, tracepoints and perf events miss.
bool kernel_counts_missed_calls(const Link& link) noexcept;

struct ProgramCounters {
  std::optional<std::uint64_t> recursion_misses;  // the program was already running on that CPU; Linux 5.12
  // nullopt unless kernel.bpf_stats_enabled is on, and the program has run since.
  std::optional<std::uint64_t> runs, run_ns;
};

// Without a value for a program that is not loaded.
ProgramCounters read_counters(const BpfObject& object, const std::string& program) noexcept;

}  // namespace probe_run
