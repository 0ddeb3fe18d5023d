#include "view/exponential_counter.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace probe_run {
namespace {

using Buckets = ExponentialCounts::Buckets;

constexpr std::int32_t most_scale = ExponentialCounts::most_scale;
constexpr std::uint32_t most_buckets = ExponentialCounts::most_buckets;

// At the finest scale. REQUIRES: magnitude > 0 and finite
std::int32_t index_of(double magnitude) noexcept {
  constexpr std::int32_t steps = std::int32_t{1} << most_scale;
  int exponent = 0;
  const double fraction = std::frexp(magnitude, &exponent) * 2;  // 1 to 2
  --exponent;
  auto step = static_cast<std::int32_t>(std::ceil(std::log2(fraction) * steps));
  // Corrects the rounding of the logarithm by comparing with the bound itself.
  while (step > 0 && magnitude <= exponential_bound(most_scale, exponent * steps + step - 1)) --step;
  while (step < steps && magnitude > exponential_bound(most_scale, exponent * steps + step)) ++step;
  return exponent * steps + step;
}

// The bucket that contains a bucket of a scale finer by `steps`: index / 2^steps, rounded up.
std::int32_t coarser(std::int32_t index, std::int32_t steps) noexcept {
  const std::int64_t size = std::int64_t{1} << steps;
  return static_cast<std::int32_t>((std::int64_t{index} + size - 1) >> steps);
}

void halve(Buckets& buckets) noexcept {
  if (buckets.used == 0) return;
  const std::int32_t first = coarser(buckets.first, 1);
  std::uint32_t used = 0;
  for (std::uint32_t i = 0; i < buckets.used; ++i) {
    const auto to =
        static_cast<std::uint32_t>(coarser(buckets.first + static_cast<std::int32_t>(i), 1) - first);
    const std::uint64_t count = buckets.counts[i];
    buckets.counts[i] = 0;
    buckets.counts[to] += count;  // never after i
    used = to + 1;
  }
  buckets.first = first;
  buckets.used = used;
}

// Makes room for the bucket; false if the scale is too fine.
bool include(Buckets& buckets, std::int32_t index) noexcept {
  if (buckets.used == 0) {
    buckets.first = index;
    buckets.used = 1;
    return true;
  }
  const std::int64_t first = std::min(buckets.first, index);
  const std::int64_t last = std::max<std::int64_t>(std::int64_t{buckets.first} + buckets.used - 1, index);
  if (last - first + 1 > most_buckets) return false;
  if (index < buckets.first) {
    const auto by = static_cast<std::ptrdiff_t>(buckets.first - index);
    const auto begin = buckets.counts.begin();
    std::move_backward(begin, begin + buckets.used, begin + buckets.used + by);
    std::fill_n(begin, by, 0);
    buckets.first = index;
  }
  buckets.used = static_cast<std::uint32_t>(last - first + 1);
  return true;
}

}  // namespace

void count_in(ExponentialCounts& counts, double value) noexcept {
  if (value == 0) {
    ++counts.zeros;
    return;
  }
  Buckets& buckets = value < 0 ? counts.negative : counts.positive;
  const std::int32_t finest = index_of(std::min(std::fabs(value), std::numeric_limits<double>::max()));
  std::int32_t index = coarser(finest, most_scale - counts.scale);
  while (!include(buckets, index)) {
    // At the coarsest scale every double has a bucket.
    --counts.scale;
    halve(counts.positive);
    halve(counts.negative);
    index = coarser(finest, most_scale - counts.scale);
  }
  ++buckets.counts[static_cast<std::size_t>(index - buckets.first)];
}

}  // namespace probe_run
