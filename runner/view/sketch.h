// Figures of many values in bounded memory: quantiles, how many different ones there are, exponential histograms.
#pragma once

#include <cstdint>
#include <vector>

#include "decode/field_value.h"
#include "decode/histogram.h"

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

// Counts distinct values: exactly up to 1024, then as an estimate.
//
// The estimate is a HyperLogLog of 2^14 registers: its standard error is 0.8 %. Values longer than 8 bytes
// are distinguished by a hash of 64 bits.
class DistinctCount {
 public:
  static constexpr std::size_t exact_limit = 1024;
  static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 14;

  // Equal values have equal bytes.
  void add(Bytes value) noexcept;
  std::uint64_t count() const noexcept;

 private:
  void insert(std::uint64_t hash) noexcept;
  void count_register(std::uint64_t hash) noexcept;
  void grow();
  double estimate() const noexcept;

  bool has_zero_ = false;           // the value whose hash is 0, which marks a free slot
  std::size_t size_ = 0;            // hashes in set_
  std::vector<std::uint64_t> set_;  // open addressing; empty once there are registers
  std::vector<std::uint8_t> registers_;
};

// Counts numbers in an exponential histogram, as in OpenTelemetry and native histograms of Prometheus: with the
// finest scale at which all of them fit into 160 buckets of each sign.

// An infinity counts as the largest number of its sign. REQUIRES: `value` is not NaN
void count_in(ExponentialCounts& counts, double value) noexcept;

}  // namespace probe_run
