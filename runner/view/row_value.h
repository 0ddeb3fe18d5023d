// Fields of a row as values that can be compared and grouped.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "decode/field.h"

namespace probe_run {

// Orders two records by one field: numbers by value, text and bytes bytewise, structs and arrays by the first
// difference; a record that is too short to have the field comes first.
std::strong_ordering compare_by(const Field& field, Bytes a, Bytes b) noexcept;

// Copies the field to `out` so that equal values have equal bytes: text is cut at its NUL and padded with zeros.
// REQUIRES: out has field.size bytes
void copy_canonical(const Field& field, Bytes record, std::byte* out) noexcept;

// A field of the input rows, kept in a row of another plan: a key of a group, or its first or last value. It is
// printed there as before: by its renderer, with its conditions, for its process.
class KeptField {
 public:
  // False for a struct with members outside of it, or whose members depend on a field outside of it; and for a field
  // that takes the rest of a record.
  static bool can_keep(const Field& field);

  // Bytes that it takes in the row: a multiple of 8.
  static std::uint64_t size(const Field& field) noexcept;

  // REQUIRES: can_keep(field), which must outlive this
  KeptField(const Field& field, std::uint32_t offset);

  // In the row's plan. Absent if nothing was kept, or if the record did not have it.
  const Field& field() const { return copy_; }

  // Equal values become equal bytes. If the record does not have the field, returns false and does not change the row.
  // REQUIRES: `row` has room, which is zero or contains this field
  bool keep(Bytes record, std::byte* row) const noexcept;

 private:
  const Field* source_;
  Field copy_;
  std::uint32_t tail_;
};

}  // namespace probe_run
