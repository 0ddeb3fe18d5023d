// Sections of objects that the libbpf at hand may not know: it leaves the program's type open.
#pragma once

#include <optional>
#include <string_view>

#include "object/libbpf.h"

namespace probe_run {

struct SectionTypes {
  bpf_prog_type program;
  bpf_attach_type attach;
};

// What the section stands for, where some libbpf that this program builds with does not know it; nothing for
// those that all of them know.
std::optional<SectionTypes> newer_section(std::string_view section);

// Gives the program the types that its section stands for, if libbpf left them open. REQUIRES: not loaded
void choose_types(bpf_program* program);

}  // namespace probe_run
