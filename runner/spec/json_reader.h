// Strict JSON text to a Value: no comments, no trailing commas, no duplicate keys, depth at most 64.
#pragma once

#include <optional>

#include "spec/value.h"

namespace probe_run {

// Reports mistakes to `diagnostics` and then returns nothing.
std::optional<Value> read_json(Diagnostics& diagnostics);

}  // namespace probe_run
