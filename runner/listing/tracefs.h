// tracefs, where the kernel describes its tracepoints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace probe_run {

// /sys/kernel/tracing or /sys/kernel/debug/tracing, where tracefs is mounted. If it is not mounted, it is mounted
// for this process only: the calling thread moves to a new mount namespace, with tracefs at /sys/kernel/tracing.
// No other process sees this mount, and it ends with the process; later mounts of the host are still propagated.
// Call this before creating threads. Throws Error.
std::string tracefs_path();

// The same, but does not throw.
struct Tracefs {
  std::string path;       // "" if unavailable
  std::string why, hint;  // if unavailable
};
Tracefs find_tracefs();

// The event categories ("sched"), or the events of one category; sorted.
std::vector<std::string> tracepoint_categories(const std::string& tracefs);
std::vector<std::string> tracepoints_of(const std::string& tracefs, const std::string& category);

// Whether it cannot be the name of a category or tracepoint, but leads elsewhere: such a file is not read.
bool is_tracefs_path(std::string_view name);

// The categories that have a tracepoint of that name.
std::vector<std::string> categories_with(const std::string& tracefs, std::string_view name);

}  // namespace probe_run
