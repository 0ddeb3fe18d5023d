// Integers of more than 64 bits.
#pragma once

#include "decode/slot.h"
#include "support/text_buffer.h"
#include "support/wide_integer.h"

namespace probe_run {

// Zero- or sign-extended to 128 bits, including bitfields. REQUIRES: holds(record, slot), slot.size <= 17
inline Wide load_wide(Bytes record, const Slot& slot) noexcept {
  Wide value = 0;
  const std::byte* const at = record.data() + slot.offset;
  std::memcpy(&value, at, slot.size < 16 ? slot.size : 16);
  unsigned width = slot.size * 8;
  if (slot.bits != 0) {
    value >>= slot.shift;
    if (slot.size > 16) value |= static_cast<Wide>(std::to_integer<unsigned>(at[16])) << (128 - slot.shift);
    width = slot.bits;
    if (width < 128) value &= ~Wide{0} >> (128 - width);
  }
  if (slot.is_signed && width < 128 && (value >> (width - 1)) != 0) value |= ~Wide{0} << width;
  return value;
}

// Decimal digits.
void append_wide(TextBuffer& out, Wide value, bool is_signed);

}  // namespace probe_run
