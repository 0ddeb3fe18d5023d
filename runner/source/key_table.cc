#include "source/key_table.h"

namespace probe_run {

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
