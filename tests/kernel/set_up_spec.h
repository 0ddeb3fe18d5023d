// Specs of the object set_up.bpf.o, written by the tests that fill and pin its maps.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "machine.h"

namespace test {

// Lists as in a spec. The parameters are `pid` and `address`, for the globals, and `iface`.
struct SetUp {
  nlohmann::json programs, maps;
  nlohmann::json outputs = nlohmann::json::array();
};

// Writes the spec to the directory; returns its path.
std::string write_set_up(const Directory& directory, const SetUp& wanted);

// A program at the raw tracepoint sys_enter.
nlohmann::json at_system_calls(const std::string& program);

// An output that shows a map once, at the end.
nlohmann::json at_exit(const std::string& map);

}  // namespace test
