// What a run of a spec needs, for a user who is not root: known without asking the kernel, so it names what any kernel
// may want, with its reason.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/compile.h"
#include "support/rights.h"

namespace probe_run {

struct Need {
  Capabilities rights;
  std::string_view purpose;  // "to load and attach the programs"
  std::string_view unless;   // when it is not needed, as "if tracefs is mounted with mode=755"; "" for always
};

struct Needs {
  std::vector<Need> rights;
  // Perf events, for which some kernels want CAP_SYS_ADMIN.
  bool perf_events = false;
  bool uprobes = false;

  // What else of the host a container must have: "-v /sys/kernel/tracing:/sys/kernel/tracing", "--pid host".
  std::vector<std::string_view> container_options;

  Capabilities all() const;
};

Needs needs_of(const CompiledSpec& compiled);

// Lines of text, each with two blanks before it and a newline.
std::string to_text(const Needs& needs);

}  // namespace probe_run
