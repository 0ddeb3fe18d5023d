// Where the kernel describes its tracepoints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace probe_run {

// /sys/kernel/tracing or /sys/kernel/debug/tracing, where tracefs is mounted. Where it is not, this process
// alone gets it: the calling thread moves to a mount namespace of its own, in which tracefs is mounted at
// /sys/kernel/tracing. Nobody else sees that, and it is gone with the process; later mounts of the host still
// arrive. Call it before there are threads. Throws Error.
std::string tracefs_path();

// The same without throwing.
struct Tracefs {
  std::string path;       // "" where it cannot be had
  std::string why, hint;  // then
};
Tracefs find_tracefs();

// Its event categories ("sched"), or the events of one category; sorted.
std::vector<std::string> tracepoint_categories(const std::string& tracefs);
std::vector<std::string> tracepoints_of(const std::string& tracefs, const std::string& category);

// The categories that have a tracepoint of that name.
std::vector<std::string> categories_with(const std::string& tracefs, std::string_view name);

}  // namespace probe_run
