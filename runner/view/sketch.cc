#include "view/sketch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

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

namespace {

constexpr unsigned register_bits = 14;
constexpr std::size_t register_count = std::size_t{1} << register_bits;
constexpr unsigned rest_bits = 64 - register_bits;

// A bijection, so that different numbers stay different (the finalizer of splitmix64).
std::uint64_t mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

std::uint64_t hash_of(Bytes value) noexcept {
  std::uint64_t hash = value.size() > 8 ? value.size() : 0;
  for (std::size_t i = 0; i < value.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, value.data() + i, std::min<std::size_t>(8, value.size() - i));
    hash = mix(hash + 0x9e3779b97f4a7c15 + word);
  }
  return hash;
}

// The two sums of Ertl's improved estimator ("New cardinality estimation algorithms for HyperLogLog
// sketches", 2017), which is unbiased from few values to many.
double sigma(double x) noexcept {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1;
  double z = x;
  for (double before = -1; z != before;) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

double tau(double x) noexcept {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double before = -1; z != before;) {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

void DistinctCount::add(Bytes value) noexcept {
  const std::uint64_t hash = hash_of(value);
  if (!registers_.empty()) return count_register(hash);
  if (hash == 0) {
    has_zero_ = true;
  } else {
    if ((size_ + 1) * 4 > set_.size() * 3) grow();
    insert(hash);
  }
  if (size_ + (has_zero_ ? 1 : 0) <= exact_limit) return;
  registers_.resize(register_count);
  for (const std::uint64_t known : set_) {
    if (known != 0) count_register(known);
  }
  if (has_zero_) count_register(0);
  set_ = {};
}

void DistinctCount::insert(std::uint64_t hash) noexcept {
  std::size_t place = hash & (set_.size() - 1);
  while (set_[place] != 0 && set_[place] != hash) place = (place + 1) & (set_.size() - 1);
  if (set_[place] == hash) return;
  set_[place] = hash;
  ++size_;
}

void DistinctCount::grow() {
  std::vector<std::uint64_t> before(set_.empty() ? 16 : set_.size() * 2);
  before.swap(set_);
  size_ = 0;
  for (const std::uint64_t hash : before) {
    if (hash != 0) insert(hash);
  }
}

void DistinctCount::count_register(std::uint64_t hash) noexcept {
  const std::uint64_t rest = hash << register_bits;
  const unsigned zeros = rest == 0 ? rest_bits : static_cast<unsigned>(std::countl_zero(rest));
  std::uint8_t& known = registers_[hash >> rest_bits];
  known = std::max(known, static_cast<std::uint8_t>(zeros + 1));
}

std::uint64_t DistinctCount::count() const noexcept {
  if (registers_.empty()) return size_ + (has_zero_ ? 1 : 0);
  return static_cast<std::uint64_t>(std::llround(estimate()));
}

double DistinctCount::estimate() const noexcept {
  std::array<std::uint32_t, rest_bits + 2> having{};  // registers by their value
  for (const std::uint8_t value : registers_) ++having[value];
  constexpr double m = register_count;
  double z = m * tau(1 - having[rest_bits + 1] / m);
  for (unsigned k = rest_bits; k >= 1; --k) z = 0.5 * (z + having[k]);
  z += m * sigma(having[0] / m);
  return m * m / (2 * std::log(2.0) * z);
}

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
