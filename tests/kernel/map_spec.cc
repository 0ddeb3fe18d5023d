#include "map_spec.h"

#include <fstream>

namespace test {

std::string write_map_spec(const Directory& directory, const MapSpecOf& wanted) {
  const nlohmann::json attach = wanted.own_section
                                    ? nlohmann::json{{"type", "auto"}}
                                    : nlohmann::json{{"type", "raw_tracepoint"}, {"name", "sys_enter"}};
  nlohmann::json spec = {{"name", wanted.object},
                         {"object", wanted.object + ".bpf.o"},
                         {"programs", {{{"name", wanted.program}, {"attach", attach}}}},
                         {"maps", wanted.maps}};
  if (wanted.has_target) spec["parameters"]["pid"] = {{"global", "target_pid"}, {"example", 1}};
  if (!wanted.outputs.is_null()) spec["outputs"] = wanted.outputs;
  const std::string path = directory / (wanted.object + ".json");
  std::ofstream(path) << spec.dump(2) << '\n';
  return path;
}

}  // namespace test
