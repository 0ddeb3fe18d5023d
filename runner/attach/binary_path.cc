#include "attach/binary_path.h"

#include <fmt/format.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include "attach/refusal.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

#if defined(__x86_64__)
constexpr std::string_view multiarch = "x86_64-linux-gnu";
#elif defined(__aarch64__)
constexpr std::string_view multiarch = "aarch64-linux-gnu";
#else
#error "Debian's directory of libraries is known for x86_64 and aarch64 only"
#endif

// Skips empty and relative entries, which mean the current directory: a probe's target must not depend on it.
void append_directories(std::vector<std::string>& directories, const char* list) {
  std::string_view rest = list == nullptr ? "" : list;
  while (!rest.empty()) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
    const bool is_new = std::find(directories.begin(), directories.end(), directory) == directories.end();
    if (directory.starts_with('/') && is_new) directories.emplace_back(directory);
  }
}

std::vector<std::string> program_directories() {
  std::vector<std::string> directories;
  append_directories(directories, std::getenv("PATH"));
  return directories;
}

std::vector<std::string> library_directories() {
  std::vector<std::string> directories;
  // As in the dynamic linker, a privileged executable ignores LD_LIBRARY_PATH, which the caller controls.
  if (::getauxval(AT_SECURE) == 0) append_directories(directories, std::getenv("LD_LIBRARY_PATH"));
  directories.emplace_back("/usr/local/lib");
  directories.push_back(fmt::format("/lib/{}", multiarch));
  directories.push_back(fmt::format("/usr/lib/{}", multiarch));
  for (const char* const directory : {"/lib64", "/usr/lib64", "/lib", "/usr/lib"})
    directories.emplace_back(directory);
  return directories;
}

std::string resolve(const std::string& path) {
  if (path.starts_with("/proc/")) return path;
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  return error ? path : real.string();
}

bool is_file(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

// "libssl" and "ssl" for libssl.so.3.
std::string near_library(const std::string& name, const std::vector<std::string>& directories) {
  std::vector<std::string> found;
  for (const std::string& directory : directories) {
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string file = entry->path().filename().string();
      if (file.starts_with(name + ".so") || file.starts_with(fmt::format("lib{}.so", name)))
        found.push_back(file);
    }
  }
  if (found.empty()) return {};
  // Programs load the shortest name with a version; the name without a version is for the compiler.
  std::sort(found.begin(), found.end(), [](const std::string& a, const std::string& b) {
    const bool a_versioned = a.find(".so.") != std::string::npos;
    const bool b_versioned = b.find(".so.") != std::string::npos;
    return a_versioned != b_versioned ? a_versioned : a.size() < b.size();
  });
  return fmt::format("did you mean \"{}\"?\n", escape_for_terminal(found.front()));
}

std::string near_files(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(path.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  const std::string hint = suggestion(path.filename().string(), views(names), {});
  return hint.empty() ? hint : hint + '\n';
}

std::string check_path(const std::string& name) {
  std::error_code unknown;  // the current directory is gone: the name stays relative
  if (is_file(name)) {
    const fs::path path = fs::absolute(name, unknown);
    return unknown ? name : path.string();
  }
  std::error_code error;
  const fs::file_status status = fs::status(name, error);
  const std::string shown = escape_for_terminal(name);
  if (fs::is_directory(status)) {
    throw Error(fmt::format("cannot probe {}: it is a directory", shown),
                "give the path of a program or library in this directory");
  }
  if (fs::exists(status)) {
    throw Error(fmt::format("cannot probe {}: it is not a regular file", shown),
                "give the path of a program or library");
  }
  throw Error(
      fmt::format("cannot probe {}: {}", shown, errno_text(error ? error.value() : ENOENT)),
      near_files(name) +
          "give the path of a program or library as seen by this process; files in a container are below "
          "/proc/PID/root");
}

}  // namespace

std::string locate_binary(const std::string& name) {
  if (name.find('/') != std::string::npos) return check_path(name);
  const std::vector<std::string> programs = program_directories();
  for (const std::string& directory : programs) {
    std::string path = fmt::format("{}/{}", directory, name);
    if (is_file(path) && ::access(path.c_str(), X_OK) == 0) return path;
  }
  const std::vector<std::string> libraries = library_directories();
  for (const std::string& directory : libraries) {
    std::string path = fmt::format("{}/{}", directory, name);
    if (is_file(path)) return path;
  }
  throw Error(
      fmt::format("cannot find the program or library \"{}\"", escape_for_terminal(name)),
      fmt::format(
          "{}looked for a program in {} and for a library in {}", near_library(name, libraries),
          escape_for_terminal(programs.empty() ? "no directory (PATH is empty)" : join(views(programs))),
          escape_for_terminal(join(views(libraries)))));
}

std::string find_binary(const std::string& name) {
  return resolve(locate_binary(name));
}

std::string require_binary(const bpf_program* program, std::string_view target, const std::string& name) {
  try {
    return find_binary(name);
  } catch (const Error& error) {
    const Diagnostic& first = error.diagnostics().front();
    refuse(program, target, first.what, first.hint);
  }
}

}  // namespace probe_run
