// What became of a spec in a run, for people and for programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/figures.h"

namespace probe_run {

// One attach point of a program of the spec.
struct PointReport {
  enum class State {
    attached,
    refused,     // by the kernel, or by what is missing here
    not_chosen,  // of a way that was not taken
  };
  std::string program;
  std::string point;  // in words
  State state = State::not_chosen;
  std::string reason;  // where refused
};
std::string_view name_of(PointReport::State state);

struct SpecReport {
  std::string name;  // as the command line gave it, where the spec itself could not be read
  std::vector<PointReport> programs;
  Figures figures;
  std::string failure;  // the first; "" for none
  bool runs = false;    // it is attached, or was until the run ended
};

}  // namespace probe_run
