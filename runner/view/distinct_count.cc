#include "view/distinct_count.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace probe_run {
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

}  // namespace probe_run
