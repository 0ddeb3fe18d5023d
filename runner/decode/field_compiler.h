// Compiles a C type to a field, with all its members and elements.
#pragma once

#include <string>

#include "decode/field.h"

namespace probe_run {

// One field of `type` at `offset`. Throws Error for a type with too many members or levels.
Field compile_field(std::string name, std::string path, const Type& type, std::uint32_t offset);

}  // namespace probe_run
