// A field of the rows that come, kept in a row of another plan: what makes a group, and the first or last
// value of one. It is printed there as it was: by its renderer, with its conditions, for its process.
#pragma once

#include <string>

#include "decode/field.h"

namespace probe_run {

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
