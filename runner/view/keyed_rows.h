// Rows of one size, found by their keys, with which they begin.
#pragma once

#include <cstdint>
#include <vector>

#include "support/key_index.h"

namespace probe_run {

class KeyedRows {
 public:
  // Sizes are multiples of 8. There are at most `limit` rows; memory grows as they are added.
  KeyedRows(std::uint32_t key_size, std::uint32_t row_size, std::uint64_t limit);

  struct Found {
    std::byte* row = nullptr;  // valid until the next call; nullptr: the limit is reached
    bool added = false;        // it is zero after its key
  };
  // REQUIRES: `key` has key_size bytes
  Found find_or_add(const std::byte* key) noexcept;
  // Forgets the row that find_or_add() returned last.
  void forget_last() noexcept;

  // Rounds: all rows that find_or_add() did not return since the last begin_round() can be forgotten.
  void begin_round() noexcept {
    ++round_;
    last_ = before_first;
  }
  void forget_missed() noexcept;

  std::size_t size() const { return count_; }

 private:
  static constexpr std::size_t before_first = SIZE_MAX;

  std::byte* row(std::size_t number) { return rows_.data() + number * row_size_; }
  void forget(std::size_t number) noexcept;

  std::uint32_t key_size_, row_size_;
  std::uint64_t limit_;
  std::vector<std::byte> rows_;
  std::vector<std::uint32_t> seen_;  // the round in which each row was last returned
  KeyIndex index_;
  std::size_t count_ = 0;
  std::size_t last_ = before_first;  // returned by find_or_add()
  std::uint32_t round_ = 0;
};

}  // namespace probe_run
