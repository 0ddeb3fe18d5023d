// A golden test: a directory with a recording, the spec that renders it, and the expected output.
//
//     recording.rec       the recording, unless case.json or the spec's "$recording" names another
//     spec.json           renders it; without one, the recording's own spec does
//     expected.FORMAT     standard output, "---", standard error; expected.default is the output without --format
//     case.json           optional: { "recording": PATH, "spec": PATH, "set": { NAME: VALUE }, "timezone":
//     "UTC" }
//
// Paths are relative to the directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/parse.h"

namespace probe_run {

struct TestCase {
  std::string directory;
  std::string recording;
  std::string recording_name;      // as given in the case
  std::vector<std::string> specs;  // one or none
  ParameterValues parameters;
  std::string timezone = "UTC";
  std::vector<std::string> formats;  // those of the expected files, sorted

  std::string expected(const std::string& format) const { return directory + "/expected." + format; }
};

// The directories of cases: `directory` and its subdirectories that contain a recording.rec, a spec.json, a case.json
// or an expected file, sorted. Throws Error if it cannot be read.
std::vector<std::string> find_test_cases(const std::string& directory);

// Throws Error if the case cannot be run. REQUIRES: `directory` is from find_test_cases()
TestCase read_test_case(const std::string& directory);

// "default", or the name of a format.
bool is_test_format(std::string_view name);

// A word of a shell command that users can copy from a message, safe for a terminal: unchanged, in single quotes,
// or, if it has a backslash or characters that a terminal would interpret, as $'\x1b' for bash and zsh.
std::string shell_word(std::string_view word);

}  // namespace probe_run
