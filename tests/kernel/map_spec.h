// Specs of the tests' own objects, for reading their maps.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "machine.h"

namespace test {

struct MapSpecOf {
  std::string object;   // "map_types"
  std::string program;  // attached to raw_tracepoint sys_enter, or as it says itself
  nlohmann::json maps;
  bool own_section = false;  // attached by its SEC()
  bool has_target = true;    // has the variable target_pid, set by --set pid=
  nlohmann::json outputs = nullptr;
};

// Writes the spec to the directory; returns its path.
std::string write_map_spec(const Directory& directory, const MapSpecOf& wanted);

}  // namespace test
