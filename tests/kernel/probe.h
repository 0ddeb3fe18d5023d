// A run of probe-run under test.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "machine.h"
#include "support/process.h"

namespace test {

// The figures in the summary line on standard error.
struct Summary {
  std::uint64_t events = 0, lost = 0, undecodable = 0, reads = 0;
  double seconds = 0;
};
Summary summary_of(const std::string& err);

// The command line, including the directory of the tests' objects.
std::vector<std::string> probe_command(const std::string& spec,
                                       const std::vector<std::string>& arguments = {});
// The same, in a network namespace.
std::vector<std::string> in_network(const std::string& name, const std::vector<std::string>& command);

// Attached when the constructor returns; throws with its standard error if it does not attach.
class Probe {
 public:
  explicit Probe(const std::vector<std::string>& command, const ProcessOptions& options = {});

  pid_t pid() const { return process_.pid(); }
  Process& process() { return process_; }

  // Reads its output, as the reader of a pipe does, until the condition holds.
  void read_until(const std::function<bool()>& condition);

  // Stops it as a user would, and waits for it to exit.
  Finished stop(int signal);
  Finished stop();
  Finished finish();

 private:
  Process process_;
};

// For runs that drain a hash, which older kernels do not support: whether this kernel is one of them. Then
// the error has been checked, and there is nothing else to test.
bool refuses_to_drain(const std::vector<std::string>& command);

// A modified copy of a spec in the directory. Its object is still found.
std::string edited_spec(const Directory& directory, const std::string& file,
                        const std::function<void(nlohmann::json&)>& edit);

std::vector<nlohmann::json> json_lines(const std::string& text);

}  // namespace test
