// The state of a spec in a run, for people and for programs.
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
    refused,     // by the kernel, or because something is missing
    not_chosen,  // of an alternative that was not used
  };
  std::string program;
  std::string point;  // as text
  State state = State::not_chosen;
  std::string reason;  // if refused
};
std::string_view name_of(PointReport::State state);

struct SpecReport {
  std::string name;  // its own, or that of its file if the spec cannot be read
  std::vector<PointReport> programs;
  Figures figures;
  std::string failure;  // the first; "" for none
  bool runs = false;    // it is attached, or was until the run ended
};

}  // namespace probe_run
