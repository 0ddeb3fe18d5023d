// The kernel's own functions that many probes at once can be put on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "object/libbpf.h"
#include "spec/one_or_many.h"
#include "support/source_text.h"

namespace probe_run {

// Those that a pattern or a list names, each once. Functions of modules are left out of patterns. Refuses to
// attach `program` to `target` where a name of the list is none of them, or the pattern has none.
std::vector<std::string> chosen_functions(const bpf_program* program, const std::string& target,
                                          const std::optional<Located<std::string>>& pattern,
                                          const std::optional<OneOrMany<Located<std::string>>>& symbols);

}  // namespace probe_run
