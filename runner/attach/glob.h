// Patterns for names: * stands for any letters, ? for one.
#pragma once

#include <string_view>

namespace probe_run {

bool matches_glob(std::string_view name, std::string_view pattern) noexcept;

}  // namespace probe_run
