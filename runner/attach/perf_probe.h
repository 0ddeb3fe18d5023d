// Checks shared by the attach points at functions: whether this kernel has the perf events that kprobes and
// uprobes are based on, and whether a name pattern is valid.
#pragma once

#include <string>
#include <string_view>

#include "object/libbpf.h"
#include "support/glob.h"

namespace probe_run {

bool has_kprobes();
bool has_uprobes();

// These throw as refuse() does on a kernel without them.
void require_kprobes(const bpf_program* program, std::string_view target);
void require_uprobes(const bpf_program* program, std::string_view target);

// Throws as refuse() does if the pattern is invalid.
Glob name_pattern(const bpf_program* program, std::string_view target, const std::string& pattern);

}  // namespace probe_run
