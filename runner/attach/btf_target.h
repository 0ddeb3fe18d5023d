// Targets that the kernel must know when the program is loaded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "object/libbpf.h"

namespace probe_run {

enum class KernelTarget { function, tracepoint, security_hook, iterator };

// Sets it; refuses to attach `program` to `target` where the kernel has no such name, with near ones.
void set_btf_target(bpf_program* program, const std::string& target, const std::string& name,
                    KernelTarget kind);

// libbpf's link for such a program, which knows its target since it was loaded.
LinkHandle attach_btf_target(bpf_program* program, const std::string& target);

// The functions of a loaded BPF program; empty where it has no types.
std::vector<std::string> program_functions(int program_fd);

}  // namespace probe_run
