#include "view/keyed_rows.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "view/word_hash.h"

namespace probe_run {

KeyedRows::KeyedRows(std::uint32_t key_size, std::uint32_t row_size, std::uint64_t limit)
    : key_size_(key_size),
      row_size_(row_size),
      limit_(std::min<std::uint64_t>(limit, std::numeric_limits<std::uint32_t>::max() - 1)),
      index_(64) {}

std::size_t KeyedRows::home(std::size_t number) const noexcept {
  return word_hash(rows_.data() + number * row_size_, key_size_) & (index_.size() - 1);
}

// Where the index has the row.
std::size_t KeyedRows::slot_of(std::size_t number) const noexcept {
  std::size_t slot = home(number);
  while (index_[slot] != number + 1) slot = (slot + 1) & (index_.size() - 1);
  return slot;
}

KeyedRows::Found KeyedRows::find_or_add(const std::byte* key) noexcept {
  const auto matches = [&](std::size_t number) { return std::memcmp(row(number), key, key_size_) == 0; };
  const auto give = [&](std::size_t number, bool added) {
    last_ = number;
    seen_[number] = round_;
    return Found{row(number), added};
  };
  // A map is mostly read in the same order each time: without a look into the index, that is one cache miss
  // less.
  if (last_ + 1 < count_ && matches(last_ + 1)) return give(last_ + 1, false);
  std::size_t slot = word_hash(key, key_size_) & (index_.size() - 1);
  for (; index_[slot] != 0; slot = (slot + 1) & (index_.size() - 1)) {
    if (matches(index_[slot] - 1)) return give(index_[slot] - 1, false);
  }
  if (count_ >= limit_) {
    last_ = before_first;
    return {};
  }
  const std::size_t number = count_++;
  rows_.resize(count_ * row_size_);
  seen_.push_back(round_);
  if (key_size_ > 0) std::memcpy(row(number), key, key_size_);
  index_[slot] = static_cast<std::uint32_t>(count_);
  if (count_ * 2 > index_.size()) grow_index();
  return give(number, true);
}

void KeyedRows::grow_index() {
  index_.assign(index_.size() * 2, 0);
  for (std::size_t number = 0; number < count_; ++number) {
    std::size_t slot = home(number);
    while (index_[slot] != 0) slot = (slot + 1) & (index_.size() - 1);
    index_[slot] = static_cast<std::uint32_t>(number + 1);
  }
}

void KeyedRows::forget(std::size_t number) noexcept {
  // Closes the gap in the index: what follows moves up if it may begin its search there.
  const std::size_t mask = index_.size() - 1;
  std::size_t gap = slot_of(number);
  for (std::size_t slot = (gap + 1) & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
    if (((slot - home(index_[slot] - 1)) & mask) < ((slot - gap) & mask)) continue;
    index_[gap] = index_[slot];
    gap = slot;
  }
  index_[gap] = 0;
  // The last row takes its place.
  const std::size_t last = count_ - 1;
  if (number != last) {
    index_[slot_of(last)] = static_cast<std::uint32_t>(number + 1);
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
  // From the end: what takes a row's place was given.
  for (std::size_t number = count_; number-- > 0;) {
    if (seen_[number] != round_) forget(number);
  }
  last_ = before_first;
}

}  // namespace probe_run
