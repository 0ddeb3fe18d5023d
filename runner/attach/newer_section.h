// Sections that an older libbpf may not know: it leaves the program's type unspecified.
#pragma once

#include <optional>
#include <string_view>

#include "object/libbpf.h"

namespace probe_run {

struct SectionTypes {
  bpf_prog_type program;
  bpf_attach_type attach;
};

// The types for the section, if some supported libbpf does not know it; nothing for sections that all of them
// know.
std::optional<SectionTypes> newer_section(std::string_view section);

// Sets the program's types from its section if libbpf left them unspecified. REQUIRES: not loaded
void choose_types(bpf_program* program);

}  // namespace probe_run
