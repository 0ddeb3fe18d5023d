// Types of maps that this kernel is too old for.
#pragma once

#include <string>

struct bpf_object;

namespace probe_run {

// Of an object that failed to load: which of its maps are of a type that this kernel lacks, and which kernel
// has it; a line for each, as a hint. "" when that is not what is wrong.
std::string unsupported_maps(const bpf_object* object);

}  // namespace probe_run
