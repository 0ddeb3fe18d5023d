// The error for a field that a plan does not have.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "decode/plan.h"

namespace probe_run {

// In Plan::undefined: any other field may be one of a record type that could not be read.
inline constexpr std::string_view any_field = "*";

struct UnknownField {
  std::string what, hint;
};

// nullopt if it needs no error: what should define the field is wrong, and that has been reported.
std::optional<UnknownField> unknown_field(const Plan& plan, std::string_view path);

}  // namespace probe_run
