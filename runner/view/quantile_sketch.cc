#include "view/quantile_sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace probe_run {
namespace {

constexpr unsigned sub_bits = 6;
constexpr std::uint32_t per_octave = 1u << sub_bits;
constexpr int least_exponent = -64, most_exponent = 128;  // of floating-point numbers

unsigned width_of(Wide value) noexcept {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  return high != 0 ? 64 + static_cast<unsigned>(std::bit_width(high))
                   : static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(value)));
}

std::uint32_t bucket_of(Wide magnitude) noexcept {
  if (magnitude < per_octave) return static_cast<std::uint32_t>(magnitude);
  const unsigned exponent = width_of(magnitude) - 1;
  const auto within = static_cast<std::uint32_t>(magnitude >> (exponent - sub_bits)) & (per_octave - 1);
  return (exponent - sub_bits + 1) * per_octave + within;
}

Wide middle_of(std::uint32_t bucket) noexcept {
  if (bucket < per_octave) return bucket;
  const unsigned shift = bucket / per_octave - 1;
  const Wide low = Wide{per_octave + bucket % per_octave} << shift;
  return low + ((Wide{1} << shift) - 1) / 2;
}

// Bucket 0 has the values that count as 0.
std::uint32_t bucket_of(double magnitude) noexcept {
  if (magnitude >= std::ldexp(1.0, most_exponent)) {
    return static_cast<std::uint32_t>(most_exponent - least_exponent) * per_octave + 1;
  }
  int exponent = 0;
  const double fraction = std::frexp(magnitude, &exponent) * 2;  // 1 to 2
  --exponent;
  if (magnitude == 0 || exponent < least_exponent) return 0;
  const auto within = static_cast<std::uint32_t>((fraction - 1) * per_octave);
  return 1 + static_cast<std::uint32_t>(exponent - least_exponent) * per_octave + within;
}

double real_middle_of(std::uint32_t bucket) noexcept {
  if (bucket == 0) return 0;
  const int exponent = static_cast<int>((bucket - 1) / per_octave) + least_exponent;
  return std::ldexp(1 + ((bucket - 1) % per_octave + 0.5) / per_octave, exponent);
}

bool less(const Integer& a, const Integer& b) noexcept {
  if (a.negative != b.negative) return a.negative;
  return a.negative ? a.magnitude > b.magnitude : a.magnitude < b.magnitude;
}

}  // namespace

std::uint64_t QuantileSketch::most_bytes(unsigned bits) noexcept {
  const std::uint64_t octaves = bits > sub_bits ? bits - sub_bits + 1 : 1;
  return octaves * per_octave * sizeof(std::uint64_t);
}

std::uint64_t QuantileSketch::most_floating_bytes() noexcept {
  return std::uint64_t{most_exponent - least_exponent + 2} * per_octave * sizeof(std::uint64_t);
}

// Memory grows by whole octaves, and only to the range of the numbers: it stops after a few dozen steps.
void QuantileSketch::Side::add(std::uint32_t bucket) noexcept {
  const std::uint32_t octave = bucket / per_octave * per_octave;
  if (counts.empty()) {
    first = octave;
    counts.resize(per_octave);
  } else if (octave < first) {
    counts.insert(counts.begin(), first - octave, 0);
    first = octave;
  } else if (octave - first >= counts.size()) {
    counts.reserve(octave - first + per_octave);
    counts.resize(octave - first + per_octave);
  }
  ++counts[bucket - first];
}

void QuantileSketch::add(Integer value) noexcept {
  if (count_ == 0 || less(value, least_)) least_ = value;
  if (count_ == 0 || less(greatest_, value)) greatest_ = value;
  ++count_;
  (value.negative ? negative_ : positive_).add(bucket_of(value.magnitude));
}

void QuantileSketch::add(double value) noexcept {
  if (count_ == 0 || value < least_real_) least_real_ = value;
  if (count_ == 0 || value > greatest_real_) greatest_real_ = value;
  ++count_;
  (value < 0 ? negative_ : positive_).add(bucket_of(std::fabs(value)));
}

std::uint64_t QuantileSketch::rank(double percent) const noexcept {
  const double exact = std::ceil(percent / 100 * static_cast<double>(count_));
  if (!(exact > 1)) return 1;
  return exact >= static_cast<double>(count_) ? count_ : static_cast<std::uint64_t>(exact);
}

QuantileSketch::Place QuantileSketch::find(std::uint64_t rank) const noexcept {
  std::uint64_t below = 0;
  for (std::size_t i = negative_.counts.size(); i-- > 0;) {
    below += negative_.counts[i];
    if (below >= rank) return {true, negative_.first + static_cast<std::uint32_t>(i)};
  }
  for (std::size_t i = 0; i < positive_.counts.size(); ++i) {
    below += positive_.counts[i];
    if (below >= rank) return {false, positive_.first + static_cast<std::uint32_t>(i)};
  }
  return {};
}

Integer QuantileSketch::integer_at(double percent) const noexcept {
  const std::uint64_t wanted = rank(percent);
  if (wanted == 1) return least_;
  if (wanted == count_) return greatest_;
  const Place place = find(wanted);
  const Integer middle{place.negative, middle_of(place.bucket)};
  return less(middle, least_) ? least_ : less(greatest_, middle) ? greatest_ : middle;
}

double QuantileSketch::real_at(double percent) const noexcept {
  const std::uint64_t wanted = rank(percent);
  if (wanted == 1) return least_real_;
  if (wanted == count_) return greatest_real_;
  const Place place = find(wanted);
  const double middle = real_middle_of(place.bucket);
  return std::clamp(place.negative ? -middle : middle, least_real_, greatest_real_);
}

}  // namespace probe_run
