#include "set_up_spec.h"

#include <fstream>

namespace test {

using nlohmann::json;

std::string write_set_up(const Directory& directory, const SetUp& wanted) {
  json spec = json::parse(R"({
    "name": "set_up",
    "object": "set_up.bpf.o",
    "parameters": {
      "pid": { "global": "target_pid", "default": 0 },
      "address": { "global": "only_address", "default": "0.0.0.0" },
      "iface": { "default": "lo" }
    }
  })");
  spec["programs"] = wanted.programs;
  spec["maps"] = wanted.maps;
  spec["outputs"] = wanted.outputs;
  const std::string path = directory / "set_up.json";
  std::ofstream(path) << spec.dump(2) << '\n';
  return path;
}

json at_system_calls(const std::string& program) {
  json item = json::parse(R"({ "attach": { "type": "raw_tracepoint", "name": "sys_enter" } })");
  item["name"] = program;
  return item;
}

json at_exit(const std::string& map) {
  json output = json::parse(R"({ "every": "exit", "format": "jsonl" })");
  output["map"] = map;
  return output;
}

}  // namespace test
