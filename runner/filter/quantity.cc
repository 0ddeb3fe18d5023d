#include "filter/quantity.h"

#include <array>
#include <charconv>
#include <cmath>

namespace probe_run {
namespace {

constexpr Wide largest = ~Wide{0};

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array<Unit, 13> units{{{"ns", 1},
                                      {"us", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000},
                                      {"B", 1},
                                      {"KiB", std::uint64_t{1} << 10},
                                      {"MiB", std::uint64_t{1} << 20},
                                      {"GiB", std::uint64_t{1} << 30},
                                      {"TiB", std::uint64_t{1} << 40},
                                      {"PiB", std::uint64_t{1} << 50},
                                      {"EiB", std::uint64_t{1} << 60}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<unsigned> digit_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

// False: it does not fit.
bool add_digit(Wide& value, unsigned digit, unsigned base) {
  if (value > (largest - digit) / base) return false;
  value = value * base + digit;
  return true;
}

constexpr std::string_view too_large = "a number of more than 128 bits";

}  // namespace

std::size_t quantity_length(std::string_view text) {
  std::size_t end = text.starts_with('-') ? 1 : 0;
  const bool hexadecimal = text.substr(end).starts_with("0x") || text.substr(end).starts_with("0X");
  for (; end < text.size(); ++end) {
    const char c = text[end];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
    if (is_digit(c) || letter) continue;
    const bool sign = (c == '+' || c == '-') && !hexadecimal && end > 0 && (text[end - 1] | 0x20) == 'e' &&
                      end + 1 < text.size() && is_digit(text[end + 1]);
    if (!sign) break;
  }
  return end;
}

std::optional<Quantity> parse_quantity(std::string_view text, std::string& mistake) {
  Quantity quantity;
  std::string_view rest = text;
  if (rest.starts_with('-')) {
    quantity.negative = true;
    rest.remove_prefix(1);
  }
  const auto wrong = [&](std::string_view what) {
    mistake = what;
    return std::nullopt;
  };
  if (rest.starts_with("0x") || rest.starts_with("0X")) {
    rest.remove_prefix(2);
    if (rest.empty()) return wrong("a hexadecimal number without digits");
    for (const char c : rest) {
      const auto digit = digit_value(c);
      if (!digit) return wrong("a hexadecimal number must consist of the digits 0 to 9 and a to f");
      if (!add_digit(quantity.magnitude, *digit, 16)) return wrong(too_large);
    }
    return quantity;
  }
  std::size_t end = 0;
  std::size_t fraction = 0;
  Wide digits = 0;
  bool fits = true;
  for (; end < rest.size() && is_digit(rest[end]); ++end)
    fits = fits && add_digit(digits, static_cast<unsigned>(rest[end] - '0'), 10);
  if (end == 0) return wrong("a number must begin with a digit");
  const bool point = end < rest.size() && rest[end] == '.';
  if (point) {
    const std::size_t begin = ++end;
    for (; end < rest.size() && is_digit(rest[end]); ++end)
      fits = fits && add_digit(digits, static_cast<unsigned>(rest[end] - '0'), 10);
    fraction = end - begin;
    if (fraction == 0) return wrong("a decimal point without digits after it");
  }
  const bool exponent =
      end + 1 < rest.size() && (rest[end] | 0x20) == 'e' &&
      (is_digit(rest[end + 1]) || ((rest[end + 1] == '-' || rest[end + 1] == '+') && end + 2 < rest.size()));
  if (exponent || (point && end == rest.size())) {
    const auto result = std::from_chars(rest.data(), rest.data() + rest.size(), quantity.real);
    if (result.ec == std::errc::result_out_of_range) return wrong("the number does not fit into a double");
    if (result.ec != std::errc() || result.ptr != rest.data() + rest.size())
      return wrong("an exponent must be followed by digits");
    if (quantity.negative) quantity.real = -quantity.real;
    quantity.floating = true;
    return quantity;
  }
  const std::string_view name = rest.substr(end);
  if (name.empty()) {
    if (!fits) return wrong(too_large);
    quantity.magnitude = digits;
    return quantity;
  }
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    Wide divisor = 1;
    for (std::size_t i = 0; i < fraction && fits; ++i) fits = add_digit(divisor, 0, 10);
    if (!fits || digits > largest / unit.factor) return wrong(too_large);
    const Wide product = digits * unit.factor;
    if (product % divisor != 0) {
      return wrong(unit.name.ends_with('B') ? "not a whole number of bytes"
                                            : "not a whole number of nanoseconds");
    }
    quantity.magnitude = product / divisor;
    quantity.dimension = unit.name.ends_with('B') ? Dimension::size : Dimension::time;
    return quantity;
  }
  return wrong(
      "unknown unit: use ns, us, ms, s, m or h for times, B, KiB, MiB, GiB, TiB, PiB or EiB for "
      "sizes");
}

}  // namespace probe_run
