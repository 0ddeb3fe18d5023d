// Rates in specs: "100/s", "10/m", "5/h".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "support/duration.h"

namespace probe_run {

// "100/s": the number of rows in each unit of time.
struct RateLimit {
  std::uint64_t rows = 0;
  Duration per{0};

  static constexpr std::uint64_t most_rows = 1'000'000'000;
};

// 1 to RateLimit::most_rows rows in a second, minute or hour, and nothing else.
std::optional<RateLimit> parse_rate_limit(std::string_view text);

// The same language for JSON Schema.
inline constexpr std::string_view rate_limit_pattern = "^(0*[1-9][0-9]{0,8}|0*1000000000)/[smh]$";

}  // namespace probe_run
