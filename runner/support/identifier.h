// Names that can be used in paths, templates and ${...}.
#pragma once

#include <string_view>

namespace probe_run {

// Letters, digits and "_", at least one.
inline bool is_identifier(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
             std::string_view::npos;
}

}  // namespace probe_run
