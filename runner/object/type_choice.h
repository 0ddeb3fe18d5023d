// The type that a spec names. Files that are linked into one object can each have another type of that name: the spec
// says which it means as "struct event#2".
#pragma once

#include <string>
#include <string_view>

#include "object/description.h"

namespace probe_run {

struct TypeChoice {
  const Type* type = nullptr;
  std::string what, hint;  // the error if several types have the name; "" if none has
};

TypeChoice choose_type(const ObjectDescription& object, std::string_view name);

// Whether both describe the same bytes by the same names.
bool same_contents(const Type& a, const Type& b);

}  // namespace probe_run
