// Integers of up to 128 bits, and their digits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "support/text_buffer.h"

namespace probe_run {

// Integers of 128 bits, which ISO C++ does not have.
__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

// A whole number as people write it in keys ("6", "-1", "0x1f"): decimal, with a sign or without, or
// hexadecimal with 0x, and nothing else. A negative one is returned in two's complement. nullopt for anything
// else and for what does not fit 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text);

// The same language for JSON Schema; the keys that a dictionary ignores as well.
inline constexpr std::string_view number_pattern = "^(-?[0-9]{1,20}|0[xX][0-9a-fA-F]{1,16}|\\$.*)$";

enum class Letters { lower, upper };

// Digits of base 2, 8 or 16: `bits` of the value make a digit, 1, 3 or 4. No prefix.
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

// Decimal digits. `is_signed`: the value is in two's complement.
void append_wide(TextBuffer& out, Wide value, bool is_signed);

}  // namespace probe_run
