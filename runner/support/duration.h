// Durations as people write them: "500ms", "1s", "1.5s", "2m".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace probe_run {

using Duration = std::chrono::nanoseconds;

// Of map reads and outputs: shorter ones would only keep the CPU busy.
inline constexpr Duration least_interval = std::chrono::milliseconds(1);

// A number with a unit (ns, us, ms, s, m, h) and nothing else; "" , negative and overflowing values are
// refused.
std::optional<Duration> parse_duration(std::string_view text);

// The shortest exact form: 1500ms -> "1.5s".
std::string to_text(Duration duration);

// The same language as parse_duration for JSON Schema.
inline constexpr std::string_view duration_pattern = "^(?=[0-9.]*[1-9])[0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h)$";

}  // namespace probe_run
