#include "spec/rate_limit.h"

#include <charconv>

namespace probe_run {

std::optional<RateLimit> parse_rate_limit(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  RateLimit limit;
  const char* const end = text.data() + slash;
  const auto result = std::from_chars(text.data(), end, limit.rows);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  if (limit.rows == 0 || limit.rows > RateLimit::most_rows) return std::nullopt;
  const std::string_view unit = text.substr(slash + 1);
  if (unit == "s") {
    limit.per = std::chrono::seconds(1);
  } else if (unit == "m") {
    limit.per = std::chrono::minutes(1);
  } else if (unit == "h") {
    limit.per = std::chrono::hours(1);
  } else {
    return std::nullopt;
  }
  return limit;
}

}  // namespace probe_run
