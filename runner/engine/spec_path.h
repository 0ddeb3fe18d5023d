// Finds the file for a SPEC argument.
#pragma once

#include <string>

namespace probe_run {

// An argument with a slash or ending in .json is a path. A bare name is an installed spec; throws Error with similar
// names if it is not found.
std::string find_spec(const std::string& spec);

}  // namespace probe_run
