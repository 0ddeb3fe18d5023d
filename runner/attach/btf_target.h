// Targets that the kernel must know when it loads the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "object/libbpf.h"

namespace probe_run {

enum class KernelTarget { function, tracepoint, security_hook, iterator };

// Sets the target. Throws as refuse() does, with similar names, if the kernel does not have that name.
void set_btf_target(bpf_program* program, const std::string& target, const std::string& name,
                    KernelTarget kind);

// Attaches such a program, whose target was fixed when it was loaded.
LinkHandle attach_btf_target(bpf_program* program, const std::string& target);

// The functions of a loaded BPF program; empty if it has no BTF.
std::vector<std::string> program_functions(int program_fd);

}  // namespace probe_run
