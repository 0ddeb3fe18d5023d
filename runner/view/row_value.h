// Fields of a row as values that can be compared and grouped.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "decode/field.h"

namespace probe_run {

// Orders two records by one field: numbers by value, text and bytes by their bytes, structs and arrays by the
// first part that differs; a record too short to have it comes first.
std::strong_ordering compare_by(const Field& field, Bytes a, Bytes b) noexcept;

// Copies the field to `out` so that equal values have equal bytes: text is cut at its NUL and filled up with
// zeros. REQUIRES: out has field.size bytes
void copy_canonical(const Field& field, Bytes record, std::byte* out) noexcept;

// A field of the rows that come, kept in a row of another plan: what makes a group, and the first or last
// value of one. It is printed there as it was: by its renderer, with its conditions, for its process.
class KeptField {
 public:
  // Not a struct with members that lie outside of it, or that a field outside of it chooses or gives the
  // process of; and nothing that takes the rest of a record.
  static bool can_keep(const Field& field);

  // Bytes that it takes in the row: a multiple of 8.
  static std::uint64_t size(const Field& field) noexcept;

  // REQUIRES: can_keep(field), which must outlive this
  KeptField(const Field& field, std::uint32_t offset);

  // In the row's plan. Absent where nothing was kept, or the record did not have it.
  const Field& field() const { return copy_; }

  // Equal values become equal bytes. What the record does not have leaves the row as it is, false.
  // REQUIRES: `row` has room, and is zero there or of this field
  bool keep(Bytes record, std::byte* row) const noexcept;

 private:
  const Field* source_;
  Field copy_;
  std::uint32_t tail_;
};

}  // namespace probe_run
