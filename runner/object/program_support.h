// Types of programs that a kernel may lack.
#pragma once

#include <string>

#include "object/libbpf.h"

namespace probe_run {

// In words, which of the object's programs to load are of a type that this kernel does not know; "" for none.
std::string unsupported_programs(const bpf_object* object);

}  // namespace probe_run
