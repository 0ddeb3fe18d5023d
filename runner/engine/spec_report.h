// The state of a spec in a run, for people and for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attach/kernel_counters.h"
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

// What the kernel counted of an attached program.
struct ProgramReport {
  std::string program;
  bool is_probe = false;  // of a kernel function, whose calls can be missed in great numbers
  std::optional<std::uint64_t>
      missed;  // calls for which it did not run; nullopt: the kernel does not count them
  ProgramCounters counters;
};

struct SpecReport {
  std::string name;  // its own, or that of its file if the spec cannot be read
  std::vector<PointReport> programs;
  std::vector<ProgramReport> counts;
  Figures figures;
  std::string failure;  // the first; "" for none
  bool runs = false;    // it is attached, or was until the run ended
};

}  // namespace probe_run
