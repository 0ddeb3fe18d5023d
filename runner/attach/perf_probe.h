// What the attach points at functions have in common: whether this kernel has the perf events that kprobes and
// uprobes are made of, and patterns of names.
#pragma once

#include <string>
#include <string_view>

#include "object/libbpf.h"
#include "support/glob.h"

namespace probe_run {

bool has_kprobes();
bool has_uprobes();

// Refuse to attach `program` to `target` on a kernel without them.
void require_kprobes(const bpf_program* program, std::string_view target);
void require_uprobes(const bpf_program* program, std::string_view target);

// Throws as refuse() does when the pattern has a mistake.
Glob name_pattern(const bpf_program* program, std::string_view target, const std::string& pattern);

}  // namespace probe_run
