// A control group by its path.
#pragma once

#include <string>

#include "object/libbpf.h"
#include "support/fd.h"

namespace probe_run {

// Absolute, or below the place where cgroup2 is mounted. Refuses to attach `program` to `target` where there
// is none, with near names.
Fd open_cgroup(const bpf_program* program, const std::string& target, const std::string& name);

}  // namespace probe_run
