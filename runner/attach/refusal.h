// A failed attach in words.
#pragma once

#include <string>
#include <string_view>

#include "object/capabilities.h"
#include "object/libbpf.h"

namespace probe_run {

// Throws: cannot attach program "NAME" to TARGET: WHY
[[noreturn]] void refuse(const bpf_program* program, std::string_view target, std::string_view why,
                         std::string hint);

// The same with the errno's text for a reason. Where permission is what lacks, the hint says which, whatever
// `hint` says, and where descriptors lack, it names their limit; `more` is what attaching takes beyond what
// loading such a program does.
[[noreturn]] void refuse(const bpf_program* program, std::string_view target, int error, std::string hint,
                         Capabilities more);
[[noreturn]] void refuse(const bpf_program* program, std::string_view target, int error, std::string hint,
                         bool network = false);

// What forbids BPF to this process: capabilities that it lacks, or what else can be the cause when it has
// them.
std::string permission_hint(Capabilities needed);

}  // namespace probe_run
