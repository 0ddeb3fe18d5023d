// Types of maps and programs that this kernel is too old for.
#pragma once

#include <string>

#include "object/libbpf.h"

namespace probe_run {

// Of an object that failed to load: which of its maps are of a type that this kernel does not have, and which
// Linux version has it; a line for each, as a hint. "" when that is not what is wrong.
std::string unsupported_maps(const bpf_object* object);

// The same of the programs that were to be loaded.
std::string unsupported_programs(const bpf_object* object);

}  // namespace probe_run
