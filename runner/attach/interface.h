// Network interfaces by name.
#pragma once

#include <string>

#include "object/libbpf.h"

namespace probe_run {

// Its index. Refuses to attach `program` to `target` where there is none of that name.
int interface_index(const bpf_program* program, std::string_view target, const std::string& name);

}  // namespace probe_run
