// Digits of bases that are powers of two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "support/text_buffer.h"

namespace probe_run {

enum class Letters { lower, upper };

// `bits` of the value make a digit: 1, 3 or 4. No prefix.
inline void append_digits(TextBuffer& out, std::uint64_t value, unsigned bits,
                          Letters letters = Letters::lower) {
  const char* const digits = letters == Letters::lower ? "0123456789abcdef" : "0123456789ABCDEF";
  char text[64];
  char* const end = text + sizeof text;
  char* begin = end;
  do {
    *--begin = digits[value & ((1u << bits) - 1)];
    value >>= bits;
  } while (value != 0);
  out.append(std::string_view(begin, static_cast<std::size_t>(end - begin)));
}

// Two digits for a byte.
inline void append_hex(TextBuffer& out, std::byte byte) {
  out.append("0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4]);
  out.append("0123456789abcdef"[std::to_integer<unsigned>(byte) & 0xf]);
}

}  // namespace probe_run
