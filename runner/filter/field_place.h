// Finds fields by their names in expressions, including items of arrays: "counts[0]", "pairs[].a".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "decode/plan.h"

namespace probe_run {

// A field of the record or, with `array`, of one of the array's items or of any of them.
struct FieldPlace {
  const Field* field = nullptr;
  const Field* array = nullptr;
  std::optional<std::uint32_t> index;  // nullopt: any
};

// nullopt with `what` and `hint` set, or with neither if the mistake has been reported.
std::optional<FieldPlace> find_place(const Plan& plan, std::string_view path, std::string& what,
                                     std::string& hint);

}  // namespace probe_run
