// Every attach type in the variants that matter, each with something that comes through it when it is
// attached.
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
  // Mostly one. Of several, which differ in what only the machine knows, the first that attaches counts.
  std::vector<nlohmann::json> specs;
  // Does what the program is to see; gets the probe's process id.
  std::function<void(pid_t)> act;
  // Where the probe runs; "" for here.
  std::string network = {};
  // How often the program is called then; 0 for once or more.
  std::uint64_t exactly = 0;
  // Judges the output of what counts no calls.
  std::function<bool(const std::string&)> saw = {};
};

// Those of one family. Their actors and networks go with them.
std::vector<AttachVariant> packet_variants();
std::vector<AttachVariant> socket_variants();
std::vector<AttachVariant> cgroup_variants();
std::vector<AttachVariant> function_variants();
std::vector<AttachVariant> event_variants();
std::vector<AttachVariant> iterator_variants();
std::vector<AttachVariant> user_variants();
std::vector<AttachVariant> other_variants();

// Attaches it, acts, and looks whether that came through.
AttachOutcome attempt(const AttachVariant& variant);

}  // namespace test
