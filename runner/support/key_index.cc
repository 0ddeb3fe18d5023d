#include "support/key_index.h"

#include <algorithm>
#include <cstring>

namespace probe_run {
namespace {

constexpr std::size_t first_slots = 64;  // a power of two, as is every size

}  // namespace

std::uint64_t hash_of(const std::byte* bytes, std::size_t size) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::size_t i = 0; i < size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, std::min<std::size_t>(size - i, 8));
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  }
  return hash;
}

KeyIndex::KeyIndex(std::size_t key_size, std::size_t row_size)
    : key_size_(key_size), row_size_(row_size), slots_(first_slots) {}

std::size_t KeyIndex::home(std::size_t row, const std::byte* rows) const noexcept {
  return hash_of(key(row, rows), key_size_) & (slots_.size() - 1);
}

KeyIndex::Place KeyIndex::find(const std::byte* key, const std::byte* rows) const noexcept {
  std::size_t slot = hash_of(key, key_size_) & (slots_.size() - 1);
  for (; slots_[slot] != 0; slot = next(slot)) {
    const std::uint32_t row = slots_[slot] - 1;
    if (std::memcmp(this->key(row, rows), key, key_size_) == 0) return {slot, row};
  }
  return {slot, none};
}

void KeyIndex::add(const Place& place, std::uint32_t row, const std::byte* rows) {
  slots_[place.slot] = row + 1;
  if (++used_ * 2 > slots_.size()) grow(rows);
}

void KeyIndex::grow(const std::byte* rows) {
  std::vector<std::uint32_t> old(slots_.size() * 2);
  old.swap(slots_);
  for (const std::uint32_t number : old) {
    if (number == 0) continue;
    std::size_t slot = home(number - 1, rows);
    while (slots_[slot] != 0) slot = next(slot);
    slots_[slot] = number;
  }
}

std::size_t KeyIndex::slot_of(std::uint32_t row, const std::byte* rows) const noexcept {
  std::size_t slot = home(row, rows);
  while (slots_[slot] != row + 1) slot = next(slot);
  return slot;
}

void KeyIndex::remove(std::uint32_t row, const std::byte* rows) noexcept {
  // Closes the gap: what follows moves up if its search may begin there.
  const std::size_t mask = slots_.size() - 1;
  std::size_t gap = slot_of(row, rows);
  for (std::size_t slot = next(gap); slots_[slot] != 0; slot = next(slot)) {
    if (((slot - home(slots_[slot] - 1, rows)) & mask) < ((slot - gap) & mask)) continue;
    slots_[gap] = slots_[slot];
    gap = slot;
  }
  slots_[gap] = 0;
  --used_;
}

void KeyIndex::renumber(std::uint32_t from, std::uint32_t to, const std::byte* rows) noexcept {
  slots_[slot_of(from, rows)] = to + 1;
}

void KeyIndex::clear() noexcept {
  std::fill(slots_.begin(), slots_.end(), 0);
  used_ = 0;
}

KeyTable::Place KeyTable::insert(const std::byte* key) {
  const KeyIndex::Place place = index_.find(key, keys_.data());
  if (place.row != KeyIndex::none) return {place.row, false};
  keys_.insert(keys_.end(), key, key + key_size_);
  index_.add(place, size_, keys_.data());
  return {size_++, true};
}

std::optional<std::uint32_t> KeyTable::find(const std::byte* key) const {
  const KeyIndex::Place place = index_.find(key, keys_.data());
  if (place.row == KeyIndex::none) return std::nullopt;
  return place.row;
}

void KeyTable::clear() {
  keys_.clear();
  index_.clear();
  size_ = 0;
}

}  // namespace probe_run
