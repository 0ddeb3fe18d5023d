// What a failed load is usually caused by.
#pragma once

#include <string>

#include "object/load_log.h"

namespace probe_run {

// In plain words, what the log says is wrong and what to do about it; "" where it says nothing that is known.
// CO-RE relocations are explained with the kernel's types, see core_relocation.h.
std::string likely_cause(const LoadLog& log);

}  // namespace probe_run
