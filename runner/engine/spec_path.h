// Which file a SPEC of the command line means.
#pragma once

#include <string>

namespace probe_run {

// What has a slash or ends in .json is a path. A bare name is an installed spec; throws Error with near names
// when there is none.
std::string find_spec(const std::string& spec);

}  // namespace probe_run
