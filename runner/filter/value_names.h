// The numbers that a field's names stand for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/renderer.h"

namespace probe_run {

// Whether numbers of this field are shown by names that can be turned back: enums, "values", flags, errno,
// signal, syscall.
bool has_value_names(const Field& field);

// Every number, as load() gives it, that is shown by this name: of an errno, 2 and -2 for ENOENT. Empty when
// there is none. Of flags also names joined with "|".
std::vector<std::uint64_t> numbers_named(const Field& field, std::string_view name);

std::vector<std::string> value_names(const Field& field);

// The bits that "has NAME" looks at, and what they must be.
struct NamedBits {
  std::uint64_t mask = 0, wanted = 0;
};
std::optional<NamedBits> bits_named(const Field& field, std::string_view name);

// The bits that the field has.
std::uint64_t bits_of(const Field& field);

}  // namespace probe_run
