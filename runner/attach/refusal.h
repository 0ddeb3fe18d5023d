// Errors of failed attaches.
#pragma once

#include <string>
#include <string_view>

#include "object/capabilities.h"
#include "object/libbpf.h"

namespace probe_run {

// Throws: cannot attach program "NAME" to TARGET: WHY
[[noreturn]] void refuse(const bpf_program* program, std::string_view target, std::string_view why,
                         std::string hint);

// The same with the errno's text as the reason. If permission is missing, the hint names the capabilities, and
// if there are too many descriptors, their limit, instead of `hint`. `more` are the capabilities that attaching
// needs in addition to those for loading such a program.
[[noreturn]] void refuse(const bpf_program* program, std::string_view target, int error, std::string hint,
                         Capabilities more);
[[noreturn]] void refuse(const bpf_program* program, std::string_view target, int error, std::string hint,
                         bool network = false);

// Why this process may not use BPF: the missing capabilities, or other possible causes if it has them.
std::string permission_hint(Capabilities needed);

}  // namespace probe_run
