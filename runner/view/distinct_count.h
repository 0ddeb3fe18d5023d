// Counts distinct values: exactly up to 1024, then as an estimate.
//
// The estimate is a HyperLogLog of 2^14 registers: its standard error is 0.8 %. Values longer than 8 bytes
// are distinguished by a hash of 64 bits.
#pragma once

#include <cstdint>
#include <vector>

#include "decode/slot.h"

namespace probe_run {

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

}  // namespace probe_run
