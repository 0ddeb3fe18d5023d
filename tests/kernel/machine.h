// The machine that a test runs on, and the directories of what it runs.
//
// Environment variables:
//   PROBE_RUN_SPECS         the directory with the specs under test
//   PROBE_RUN_TEST_OBJECTS  the directory with the tests' BPF objects and their specs
//   PROBE_RUN_FLOOD         number of events in a flood (1,000,000)
//   PROBE_RUN_FAILURES      number of calls that fail at random (200)
//   PROBE_RUN_PATIENCE      factor for every time limit, for slow machines (1)
//   PROBE_RUN_QUIET         set if nothing but the test runs: counts of the whole machine are then exact
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace test {

using Milliseconds = std::chrono::milliseconds;

// The path of a spec under test, and of one of the tests' specs.
std::string spec_file(const std::string& name);
std::string own_spec_file(const std::string& name);
std::string own_object_directory();

bool has_kprobes();
// Debian does not backport BPF features: the version says what a kernel supports.
bool kernel_is_at_least(unsigned major, unsigned minor);
bool is_quiet();
std::uint64_t flood_size();
Milliseconds patiently(Milliseconds limit);

// A unique name of at most 15 bytes, usable for a task and for an interface.
std::string unique_name(std::string_view begin);

// Whether the condition becomes true before the time is over; it is checked every few milliseconds.
bool eventually(const std::function<bool()>& condition, Milliseconds limit = std::chrono::seconds(10));

// The value of a line such as "voluntary_ctxt_switches:" of /proc/PID/status.
std::uint64_t status_number(pid_t pid, std::string_view name);

std::string read_file(const std::filesystem::path& path);
bool contains(std::string_view text, std::string_view part);
// Throws when the last one is not complete.
std::vector<std::string> split_lines(std::string_view text);
// How many there are of a text that is still being written, whose last line may not be complete yet.
std::size_t whole_lines(std::string_view text);

// A directory for one test that every user can enter. The destructor removes it with its contents.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace test
