// Opens a control group by its path.
#pragma once

#include <string>

#include "object/libbpf.h"
#include "support/fd.h"

namespace probe_run {

// The path is absolute, or relative to the cgroup2 mount point. Throws as refuse() does, with similar names, if
// the cgroup is not found.
Fd open_cgroup(const bpf_program* program, const std::string& target, const std::string& name);

}  // namespace probe_run
