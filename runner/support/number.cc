#include "support/number.h"

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

}  // namespace probe_run
