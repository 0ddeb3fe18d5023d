// Fields of a row as values that can be compared and grouped.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "decode/field.h"

namespace probe_run {

// Orders two records by one field: numbers by value, text and bytes bytewise, structs and arrays by the first
// difference; a record that is too short to have the field comes first.
std::strong_ordering compare_by(const Field& field, Bytes a, Bytes b) noexcept;

// Copies the field to `out` so that equal values have equal bytes: text is cut at its NUL and padded with zeros.
// REQUIRES: out has field.size bytes
void copy_canonical(const Field& field, Bytes record, std::byte* out) noexcept;

}  // namespace probe_run
