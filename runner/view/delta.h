// What changed in a map between two reads.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "support/key_index.h"
#include "view/numbers.h"

namespace probe_run {

// Rows of one size, found by their keys, with which they begin.
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

enum class ReadMode;

// Rows with the numbers of a map's value as floating-point numbers, for rates.
struct RatePlan {
  struct Rate {
    Number number;             // in the entry
    std::uint32_t offset = 0;  // of its double in the row
  };
  // An entry followed by the doubles. A number and an array of numbers keep their path and condition; numbers in
  // structs of an array are not changed.
  Plan plan;
  std::vector<Rate> rates;
};

class Delta {
 public:
  // For a map without max_entries.
  static constexpr std::uint64_t default_limit = 1'000'000;

  // `plan` describes the entries, and must outlive this; `mode` is not snapshot. At most `limit` keys are remembered.
  Delta(const Plan& plan, ReadMode mode, std::uint32_t key_size, std::uint64_t limit);

  // Describes the resulting rows.
  const Plan& plan() const { return rates_ ? rates_->plan : plan_; }

  // `now`: nanoseconds of CLOCK_MONOTONIC.
  void begin_read(std::int64_t now) noexcept;
  // The row to show, valid until the next call and no longer than `entry`; nullopt if nothing changed. A truncated
  // entry is counted in undecodable(), one beyond the limit in beyond_limit(), and neither is shown.
  std::optional<Bytes> entry(Bytes entry) noexcept;
  // The same for an entry that the read removed: its key counts from 0 when it returns. An entry without a key is
  // always shown completely.
  std::optional<Bytes> taken_entry(Bytes entry) noexcept;
  void end_read(bool incomplete) noexcept;

  std::uint64_t beyond_limit() const { return beyond_limit_; }
  std::uint64_t undecodable() const { return undecodable_; }

 private:
  bool is_cut(Bytes entry) noexcept;
  void subtract(const std::byte* before, Bytes entry) noexcept;
  void divide(const std::byte* before, Bytes entry, std::int64_t since) noexcept;  // REQUIRES: since < now_

  const Plan& plan_;
  std::uint32_t key_size_, entry_size_;
  std::vector<Number> numbers_;
  std::optional<RatePlan> rates_;
  KeyedRows kept_;  // entries and, for rates, the time of their values
  std::vector<std::byte> row_;
  std::vector<std::byte> nothing_;  // an entry of zeros
  std::int64_t now_ = 0;
  std::optional<std::int64_t> complete_at_;  // the last complete read: new keys were added after it
  std::uint64_t beyond_limit_ = 0, undecodable_ = 0;
};

}  // namespace probe_run
