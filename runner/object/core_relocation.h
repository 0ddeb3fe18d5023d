// A type or a field that a program was compiled to find in the kernel's types, wherever it is there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

struct btf;

namespace probe_run {

struct CoreRelocation {
  std::string kind;  // "struct", "union", "enum", ...
  std::string type;  // without a flavour: "task_struct" of "task_struct___old"
  std::string path;  // "se.vruntime"; "" for the type itself, the name of a constant for an enum
};

// Of libbpf's "failed to resolve CO-RE relocation <byte_off> [81] struct task_struct.pid (0:9 @ offset 36)".
std::optional<CoreRelocation> parse_core_relocation(std::string_view line);

// Which part of it the kernel does not have, with a near name; where its types cannot be read (nullptr), what is
// sought.
std::string explain_core_relocation(const CoreRelocation& sought, const btf* kernel);

}  // namespace probe_run
