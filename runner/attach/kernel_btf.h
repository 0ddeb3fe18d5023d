// Names that the kernel's types know: functions, tracepoints, security hooks, iterators.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace probe_run {

enum class KernelTarget { function, tracepoint, security_hook, iterator };

// Whether this kernel describes its types (CONFIG_DEBUG_INFO_BTF).
bool has_kernel_btf();

// What a spec may name of that kind in the kernel proper. Reads all of the kernel's types (some 10 ms): for a
// failed attach only. Empty where they cannot be read.
std::vector<std::string> kernel_targets(KernelTarget kind);

// The functions of a loaded BPF program; empty where it has no types.
std::vector<std::string> program_functions(int program_fd);

}  // namespace probe_run
