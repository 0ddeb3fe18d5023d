#include "support/integer.h"

#include <charconv>
#include <limits>

namespace probe_run {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = text.substr(negative ? 1 : hexadecimal ? 2 : 0);
  if (digits.size() > (hexadecimal ? 16 : 20)) return std::nullopt;  // as number_pattern has it
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value, hexadecimal ? 16 : 10);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  if (!negative) return value;
  if (value > std::uint64_t{1} << 63) return std::nullopt;
  return 0 - value;
}

void append_wide(TextBuffer& out, Wide value, bool is_signed) {
  const bool negative = is_signed && static_cast<SignedWide>(value) < 0;
  if (negative) value = 0 - value;
  char text[40];  // 39 digits and a sign
  char* const end = text + sizeof text;
  char* begin = end;
  do {
    *--begin = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  if (negative) *--begin = '-';
  out.append(std::string_view(begin, static_cast<std::size_t>(end - begin)));
}

}  // namespace probe_run
