#include "decode/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace probe_run {
namespace {

using Range = Histogram::Range;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr SignedWide largest = std::numeric_limits<std::uint64_t>::max();

Range whole(SignedWide low, SignedWide high) {
  return {false, false, low, high, static_cast<double>(low), static_cast<double>(high)};
}

void open_unless_all(std::vector<Range>& ranges) {
  if (!ranges.empty() && ranges.back().high < largest) open_end(ranges);
}

}  // namespace

void open_end(std::vector<Range>& ranges) {
  ranges.back().open_high = true;
  ranges.back().to = infinity;
}

double exponential_bound(std::int32_t scale, std::int32_t index) noexcept {
  if (scale <= 0) {
    // An exponent beyond the range of doubles is the same as the largest.
    const std::int64_t exponent = std::int64_t{index} * (std::int64_t{1} << std::min(-scale, 20));
    return std::ldexp(1.0, static_cast<int>(std::clamp<std::int64_t>(exponent, -5000, 5000)));
  }
  // The whole part of the exponent is exact.
  const std::int32_t steps = std::int32_t{1} << std::min(scale, 20);
  const std::int32_t exponent = index >= 0 ? index / steps : -((steps - 1 - index) / steps);
  const double fraction = static_cast<double>(std::int64_t{index} - std::int64_t{exponent} * steps) / steps;
  return std::ldexp(std::exp2(fraction), std::clamp(exponent, -5000, 5000));
}

std::vector<Range> log2_ranges(std::uint32_t count) {
  std::vector<Range> ranges;
  for (std::uint32_t i = 0; i < std::min(count, 64u); ++i) {
    const SignedWide low = SignedWide{1} << i;
    ranges.push_back(whole(i == 0 ? 0 : low, low * 2 - 1));
  }
  open_unless_all(ranges);
  return ranges;
}

std::vector<Range> exp2zero_ranges(std::uint32_t count) {
  std::vector<Range> ranges;
  if (count > 0) ranges.push_back(whole(0, 0));
  for (std::uint32_t i = 1; i < std::min(count, 65u); ++i) {
    const SignedWide low = SignedWide{1} << (i - 1);
    ranges.push_back(whole(low, low * 2 - 1));
  }
  open_unless_all(ranges);
  return ranges;
}

std::vector<Range> exp2_ranges(std::uint32_t count) {
  std::vector<Range> ranges;
  ranges.reserve(std::min(count, 65u));
  if (count > 0) ranges.push_back(whole(0, 1));
  for (std::uint32_t i = 1; i < std::min(count, 65u); ++i) {
    const SignedWide high = SignedWide{1} << i;
    ranges.push_back(whole(high / 2 + 1, std::min(high, largest)));
  }
  open_unless_all(ranges);
  return ranges;
}

std::vector<Range> power_ranges(Histogram::Kind kind, std::uint32_t count) {
  if (kind == Histogram::Kind::exp2) return exp2_ranges(count);
  return kind == Histogram::Kind::exp2zero ? exp2zero_ranges(count) : log2_ranges(count);
}

std::uint32_t most_power_ranges(Histogram::Kind kind) {
  return kind == Histogram::Kind::log2 ? 64 : 65;
}

std::optional<Histogram::Kind> power_kind(std::string_view word) {
  if (word == "log2") return Histogram::Kind::log2;
  if (word == "exp2") return Histogram::Kind::exp2;
  if (word == "exp2zero") return Histogram::Kind::exp2zero;
  return std::nullopt;
}

std::vector<Range> linear_ranges(std::uint32_t count, SignedWide min, SignedWide step) {
  std::vector<Range> ranges;
  for (std::uint32_t i = 0; i < count; ++i) ranges.push_back(whole(min + step * i, min + step * (i + 1) - 1));
  open_unless_all(ranges);
  return ranges;
}

std::vector<Range> linear_ranges(std::uint32_t count, double min, double step) {
  std::vector<Range> ranges;
  for (std::uint32_t i = 0; i < count; ++i) {
    ranges.push_back({false, false, 0, 0, min + step * i, min + step * (i + 1)});
  }
  open_unless_all(ranges);
  return ranges;
}

std::vector<Range> fixed_ranges(const std::vector<SignedWide>& bounds) {
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    ranges.push_back(whole(i == 0 ? 0 : bounds[i - 1] + 1, bounds[i]));
  }
  if (bounds.empty()) return ranges;
  ranges.front().open_low = true;
  ranges.front().from = -infinity;
  Range last = whole(bounds.back() + 1, 0);
  last.open_high = true;
  last.to = infinity;
  ranges.push_back(last);
  return ranges;
}

std::vector<Range> fixed_ranges(const std::vector<double>& bounds) {
  std::vector<Range> ranges;
  double from = -infinity;
  for (const double bound : bounds) {
    ranges.push_back({false, false, 0, 0, from, bound});
    from = bound;
  }
  if (bounds.empty()) return ranges;
  ranges.front().open_low = true;
  ranges.push_back({false, true, 0, 0, from, infinity});
  return ranges;
}

}  // namespace probe_run
