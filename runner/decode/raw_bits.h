// A number as unsigned bits.
#pragma once

#include "decode/field.h"

namespace probe_run {

// The value in as many bits as the field has: -1 in an int is 0xffffffff. REQUIRES: field.scalar,
// present(field, record)
inline std::uint64_t raw_bits(const Field& field, Bytes record) noexcept {
  Slot slot = field.slot;
  slot.is_signed = false;
  return load(record, slot);
}

}  // namespace probe_run
