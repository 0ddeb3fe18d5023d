// Network interfaces by name.
#pragma once

#include <string>
#include <vector>

#include "object/libbpf.h"

namespace probe_run {

// Its index. Refuses to attach `program` to `target` where there is none of that name.
int interface_index(const bpf_program* program, std::string_view target, const std::string& name);

// Those of this network namespace.
std::vector<std::string> interface_names();

// What its driver calls itself: "veth". "" where it does not say.
std::string driver_of_interface(const std::string& name);

}  // namespace probe_run
