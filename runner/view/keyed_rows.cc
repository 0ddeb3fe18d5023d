#include "view/keyed_rows.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace probe_run {

KeyedRows::KeyedRows(std::uint32_t key_size, std::uint32_t row_size, std::uint64_t limit)
    : key_size_(key_size),
      row_size_(row_size),
      limit_(std::min<std::uint64_t>(limit, std::numeric_limits<std::uint32_t>::max() - 1)),
      index_(key_size, row_size) {}

KeyedRows::Found KeyedRows::find_or_add(const std::byte* key) noexcept {
  const auto matches = [&](std::size_t number) { return std::memcmp(row(number), key, key_size_) == 0; };
  const auto give = [&](std::size_t number, bool added) {
    last_ = number;
    seen_[number] = round_;
    return Found{row(number), added};
  };
  // A map is mostly read in the same order each time: skipping the index saves a cache miss.
  if (last_ + 1 < count_ && matches(last_ + 1)) return give(last_ + 1, false);
  const KeyIndex::Place place = index_.find(key, rows_.data());
  if (place.row != KeyIndex::none) return give(place.row, false);
  if (count_ >= limit_) {
    last_ = before_first;
    return {};
  }
  const std::size_t number = count_++;
  rows_.resize(count_ * row_size_);
  seen_.push_back(round_);
  if (key_size_ > 0) std::memcpy(row(number), key, key_size_);
  index_.add(place, static_cast<std::uint32_t>(number), rows_.data());
  return give(number, true);
}

void KeyedRows::forget(std::size_t number) noexcept {
  index_.remove(static_cast<std::uint32_t>(number), rows_.data());
  // Moves the last row to its place.
  const std::size_t last = count_ - 1;
  if (number != last) {
    index_.renumber(static_cast<std::uint32_t>(last), static_cast<std::uint32_t>(number), rows_.data());
    std::memcpy(row(number), row(last), row_size_);
    seen_[number] = seen_[last];
  }
  count_ = last;
  rows_.resize(count_ * row_size_);
  seen_.pop_back();
}

void KeyedRows::forget_last() noexcept {
  if (last_ < count_) forget(last_);
  last_ = before_first;
}

void KeyedRows::forget_missed() noexcept {
  // From the end, so that a row moved to the place of another is never a forgotten one.
  for (std::size_t number = count_; number-- > 0;) {
    if (seen_[number] != round_) forget(number);
  }
  last_ = before_first;
}

}  // namespace probe_run
