#include "support/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace probe_run {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::array<Unit, 6> units{{{"ns", 1},
                                     {"us", 1'000},
                                     {"ms", 1'000'000},
                                     {"s", 1'000'000'000},
                                     {"m", 60'000'000'000},
                                     {"h", 3'600'000'000'000}}};

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  if (digits == 0 || digits == std::string_view::npos || text[0] == '.' || text[digits - 1] == '.') {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits) return std::nullopt;
  for (const Unit& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    const double nanoseconds = value * static_cast<double>(unit.nanoseconds);
    if (nanoseconds > 9.2e18) return std::nullopt;
    return Duration(std::llround(nanoseconds));
  }
  return std::nullopt;
}

std::string to_text(Duration duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  for (auto unit = units.rbegin(); unit != units.rend(); ++unit) {
    // The largest unit that needs at most three decimals.
    const std::int64_t thousandth =
        unit->nanoseconds % 1000 == 0 ? unit->nanoseconds / 1000 : unit->nanoseconds;
    if (count >= unit->nanoseconds && count % thousandth == 0) {
      std::string text = std::to_string(count / unit->nanoseconds);
      if (const std::int64_t rest = count % unit->nanoseconds; rest != 0) {
        text += fmt::format(".{:03}", rest / thousandth);
        text.resize(text.find_last_not_of('0') + 1);
      }
      return fmt::format("{}{}", text, unit->name);
    }
  }
  return fmt::format("{}ns", count);
}

}  // namespace probe_run
