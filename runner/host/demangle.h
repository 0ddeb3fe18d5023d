// C++ names as a person writes them.
#pragma once

#include <string>
#include <string_view>

namespace probe_run {

// The name itself when it is not mangled. A mangled name can stand for text of exponential length: one of an
// untrusted file stays as it is when it refers back to its parts often.
std::string demangle(std::string_view name, bool trusted);

}  // namespace probe_run
