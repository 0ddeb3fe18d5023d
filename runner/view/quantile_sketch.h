// Estimates percentiles of many numbers in little memory.
//
// Numbers are counted in buckets, 64 between a power of two and the next, so that the middle of a bucket is
// within 0.8 % of every number in it; whole numbers below 128 have a bucket each. The minimum and the maximum are
// exact.
#pragma once

#include <cstdint>
#include <vector>

#include "decode/wide.h"

namespace probe_run {

// A whole number of up to 128 bits, signed or unsigned.
struct Integer {
  bool negative = false;
  Wide magnitude = 0;

  static Integer of(Wide value, bool is_signed) noexcept {
    const bool negative = is_signed && static_cast<SignedWide>(value) < 0;
    return {negative, negative ? Wide{0} - value : value};
  }
  Wide value() const noexcept { return negative ? Wide{0} - magnitude : magnitude; }
};

class QuantileSketch {
 public:
  // The most bytes of a sketch for each sign: for whole numbers of `bits`, and for floating-point numbers.
  static std::uint64_t most_bytes(unsigned bits) noexcept;
  static std::uint64_t most_floating_bytes() noexcept;

  // All numbers of a sketch must be of the same kind.
  void add(Integer value) noexcept;
  // Magnitudes below 2^-64 count as 0, those above 2^128 as 2^128. REQUIRES: not NaN
  void add(double value) noexcept;

  std::uint64_t count() const noexcept { return count_; }
  // The percentile by the nearest-rank method. REQUIRES: count() > 0, 0 <= percent <= 100
  Integer integer_at(double percent) const noexcept;
  double real_at(double percent) const noexcept;

 private:
  struct Side {
    std::uint32_t first = 0;  // the bucket of counts[0]
    std::vector<std::uint64_t> counts;

    void add(std::uint32_t bucket) noexcept;
  };
  struct Place {
    bool negative = false;
    std::uint32_t bucket = 0;
  };

  std::uint64_t rank(double percent) const noexcept;
  Place find(std::uint64_t rank) const noexcept;

  Side positive_, negative_;
  std::uint64_t count_ = 0;
  Integer least_, greatest_;
  double least_real_ = 0, greatest_real_ = 0;
};

}  // namespace probe_run
