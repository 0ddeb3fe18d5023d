// What a test may know of the machine it runs on, and of the folders that hold what it runs.
//
// The environment decides what cannot be found out:
//   PROBE_RUN_SPECS         the folder of the specs under test
//   PROBE_RUN_TEST_OBJECTS  the folder of the tests' own BPF objects and their specs
//   PROBE_RUN_FLOOD         how many events a flood has (1,000,000)
//   PROBE_RUN_PATIENCE      a slow machine's factor on every time limit (1)
//   PROBE_RUN_QUIET         set where nothing but the test runs: then counts of the whole machine are exact
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

// The file of a spec under test, and of one of the tests' own.
std::string spec_file(const std::string& name);
std::string own_spec_file(const std::string& name);
std::string own_object_folder();

bool has_kprobes();
// Debian backports no features of BPF: what a kernel has goes by its version.
bool kernel_is_at_least(unsigned major, unsigned minor);
bool is_quiet();
std::uint64_t flood_size();
Milliseconds patiently(Milliseconds limit);

// A name of at most 15 bytes, so that it serves as a task's and as an interface's, which no other run has.
std::string unique_name(std::string_view begin);

// Whether the condition holds before the time is over; it is looked at every few milliseconds.
bool eventually(const std::function<bool()>& condition, Milliseconds limit = std::chrono::seconds(10));

// The value of a line such as "voluntary_ctxt_switches:" of /proc/PID/status.
std::uint64_t status_number(pid_t pid, std::string_view name);

std::string read_file(const std::filesystem::path& path);
bool contains(std::string_view text, std::string_view part);
std::vector<std::string> split_lines(std::string_view text);

// A folder for one test that everybody may enter. Goes with all it holds.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace test
