// The "pattern" of an attach point, for names of functions.
#pragma once

#include <string>
#include <string_view>

#include "object/libbpf.h"
#include "support/glob.h"

namespace probe_run {

// Throws as refuse() does when the pattern has a mistake.
Glob name_pattern(const bpf_program* program, std::string_view target, const std::string& pattern);

}  // namespace probe_run
