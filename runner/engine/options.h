// The values of the command line's options. Their meaning is in option_table.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/output_format.h"
#include "spec/parse.h"
#include "support/duration.h"

namespace probe_run {

// Exit codes; docs/command-line.md has the same table.
enum ExitCode : int {
  exit_ok = 0,
  exit_failed = 1,   // failed because of the kernel, a file or a recording
  exit_invalid = 2,  // the command line or a spec is wrong
};

struct Options {
  enum class Mode { run, check, describe, replay, test, list, schema };

  Mode mode = Mode::run;
  std::vector<std::string> specs;
  ParameterValues parameters;              // --set
  std::vector<std::string> object_dirs;    // --object-dir
  std::optional<OutputFormat> format;      // --format: of every output
  std::optional<std::string> output;       // --output: replaces stdout
  std::optional<Duration> duration;        // --duration; in a replay, of recorded time
  std::optional<std::uint64_t> count;      // --count
  std::optional<std::string> listen;       // --listen: where metrics are served
  std::vector<std::string> allowed_hosts;  // --allow-host: names by which metrics may be asked for
  std::string btf;                         // --btf: the kernel's BTF
  unsigned verifier_log = 0;               // --verifier-log: the kernel's level; 0 for none
  std::string record;                      // --record; "-" is stdout
  std::string replay;                      // --replay; "-" is stdin
  std::optional<double> speed;             // --speed: relative to the recorded run; none for no waiting
  std::vector<std::string> tests;          // --test: directories
  std::optional<std::string> test_format;  // --format with --test: "default" for the output without --format
  bool accept = false;                     // --accept: overwrite the expected files
  std::vector<std::string> patterns;       // --list
  bool verbose = false;                    // --verbose: with --list, arguments too
  std::string stats;                       // --stats: a file for the counts
  bool strict = false;                     // --strict: stop all specs when one fails
  bool no_sandbox = false;                 // --no-sandbox
  bool quiet = false;                      // no status and no summary; warnings and errors remain
  std::string generate;                    // --generate: what to print instead of running
};

}  // namespace probe_run
