#include "machine.h"

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "support/places.h"

namespace test {
namespace fs = std::filesystem;
namespace {

std::string from_environment(const char* name, const char* otherwise) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

}  // namespace

std::string spec_file(const std::string& name) {
  return from_environment("PROBE_RUN_SPECS", PROBE_RUN_SOURCE_DIR "/specs") + "/" + name + ".json";
}

std::string own_object_directory() {
  return from_environment("PROBE_RUN_TEST_OBJECTS", PROBE_RUN_TEST_OBJECT_DIRECTORY);
}

std::string own_spec_file(const std::string& name) {
  return own_object_directory() + "/" + name + ".json";
}

bool has_kprobes() {
  return fs::exists("/sys/bus/event_source/devices/kprobe");
}

bool kernel_is_at_least(unsigned major, unsigned minor) {
  utsname system{};
  std::pair<unsigned, unsigned> version;
  if (::uname(&system) != 0 || std::sscanf(system.release, "%u.%u", &version.first, &version.second) != 2)
    throw std::runtime_error("this kernel has no version");
  return version >= std::pair(major, minor);
}

bool is_quiet() {
  return std::getenv("PROBE_RUN_QUIET") != nullptr;
}

std::uint64_t flood_size() {
  return std::stoull(from_environment("PROBE_RUN_FLOOD", "1000000"));
}

Milliseconds patiently(Milliseconds limit) {
  return limit * std::stoi(from_environment("PROBE_RUN_PATIENCE", "1"));
}

std::string unique_name(std::string_view begin) {
  static unsigned count = 0;
  std::ostringstream name;
  name << begin << std::hex << ::getpid() << '-' << ++count;
  if (name.str().size() > 15) throw std::logic_error(name.str() + " is too long");
  return name.str();
}

bool eventually(const std::function<bool()>& condition, Milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + patiently(limit);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return condition();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::uint64_t status_number(pid_t pid, std::string_view name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(name)) return std::stoull(line.substr(name.size()));
  }
  throw std::runtime_error("/proc/PID/status has no " + std::string(name));
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos)
      throw std::runtime_error("the last line is not complete: " + std::string(text));
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::size_t whole_lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

Directory::Directory() {
  std::string name = (fs::temp_directory_path() / "probe-run-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
  if (::chmod(name.c_str(), 0755) != 0) throw std::runtime_error("chmod failed");
}

Directory::~Directory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace test
