// Whether this kernel has the perf events that kprobes and uprobes are made of.
#pragma once

#include <string_view>

#include "object/libbpf.h"

namespace probe_run {

bool has_kprobes();
bool has_uprobes();

// Refuse to attach `program` to `target` on a kernel without them.
void require_kprobes(const bpf_program* program, std::string_view target);
void require_uprobes(const bpf_program* program, std::string_view target);

}  // namespace probe_run
