// Every attach type in the variants that matter, each with an action that the attached program must see.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/attach_table.h"

namespace test {

struct AttachVariant {
  std::string type;     // as in a spec
  std::string variant;  // what the table calls it
  // Usually one. If several, which depend on the machine, the first that attaches counts.
  std::vector<nlohmann::json> specs;
  // Does what the program must see; receives the probe's process id.
  std::function<void(pid_t)> act;
  // The network namespace the probe runs in; "" for the current one.
  std::string network = {};
  // How often the program must be called; 0 for once or more.
  std::uint64_t exactly = 0;
  // Judges the output of a program that does not count calls.
  std::function<bool(const std::string&)> saw = {};
};

// The variants of one family. They own their actors and networks.
std::vector<AttachVariant> packet_variants();
std::vector<AttachVariant> socket_variants();
std::vector<AttachVariant> cgroup_variants();
std::vector<AttachVariant> function_variants();
std::vector<AttachVariant> event_variants();
std::vector<AttachVariant> iterator_variants();
std::vector<AttachVariant> user_variants();
std::vector<AttachVariant> other_variants();

// Attaches it, acts, and checks that the program saw it.
AttachOutcome attempt(const AttachVariant& variant);

}  // namespace test
