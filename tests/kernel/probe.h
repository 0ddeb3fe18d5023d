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

// What the summary line on standard error says.
struct Summary {
  std::uint64_t events = 0, lost = 0, undecodable = 0, reads = 0;
  double seconds = 0;
};
Summary summary_of(const std::string& err);

// The command line; the tests' own objects are found as well.
std::vector<std::string> probe_command(const std::string& spec,
                                       const std::vector<std::string>& arguments = {});
// The same, in a network namespace.
std::vector<std::string> in_network(const std::string& name, const std::vector<std::string>& command);

// Started, and attached when the constructor returns; throws what it wrote to standard error when it does not
// come to that.
class Probe {
 public:
  explicit Probe(const std::vector<std::string>& command, const ProcessOptions& options = {});

  pid_t pid() const { return process_.pid(); }
  Process& process() { return process_; }

  // Reads what it writes, as a pipe's reader does, until the condition holds.
  void read_until(const std::function<bool()>& condition);

  // Stops it as a person would, and waits for its end.
  Finished stop(int signal);
  Finished stop();
  Finished finish();

 private:
  Process process_;
};

// For runs that drain a hash, of which older kernels know nothing: whether this is one. Then the refusal has
// been looked at, and there is nothing else to test.
bool refuses_to_drain(const std::vector<std::string>& command);

// A copy of a spec in the folder, changed. Its object is found all the same.
std::string edited_spec(const Folder& folder, const std::string& file,
                        const std::function<void(nlohmann::json&)>& edit);

std::vector<nlohmann::json> json_lines(const std::string& text);

}  // namespace test
