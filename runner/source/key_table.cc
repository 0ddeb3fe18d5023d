#include "source/key_table.h"

#include <algorithm>
#include <cstring>

#include "source/byte_hash.h"

namespace probe_run {
namespace {

constexpr std::size_t first_slots = 64;

}  // namespace

// Where the key is, or where it would be put. REQUIRES: an empty slot
std::size_t KeyTable::slot_of(const std::byte* key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_of(key, key_size_) & mask;
  while (slots_[slot] != 0 && std::memcmp(this->key(slots_[slot] - 1), key, key_size_) != 0) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

void KeyTable::grow() {
  slots_.assign(std::max(first_slots, slots_.size() * 2), 0);
  for (std::uint32_t index = 0; index < size_; ++index) slots_[slot_of(key(index))] = index + 1;
}

KeyTable::Place KeyTable::insert(const std::byte* key) {
  if (slots_.size() <= std::size_t{size_} * 2) grow();
  const std::size_t slot = slot_of(key);
  if (slots_[slot] != 0) return {slots_[slot] - 1, false};
  keys_.insert(keys_.end(), key, key + key_size_);
  slots_[slot] = ++size_;
  return {size_ - 1, true};
}

std::optional<std::uint32_t> KeyTable::find(const std::byte* key) const {
  if (size_ == 0) return std::nullopt;
  const std::size_t slot = slot_of(key);
  if (slots_[slot] == 0) return std::nullopt;
  return slots_[slot] - 1;
}

void KeyTable::clear() {
  keys_.clear();
  std::fill(slots_.begin(), slots_.end(), 0);
  size_ = 0;
}

}  // namespace probe_run
