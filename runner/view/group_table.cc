#include "view/group_table.h"

#include <cstring>
#include <string_view>

#include "view/row_value.h"

namespace probe_run {
namespace {

// FNV-1a over 8 bytes at a time: keys are padded to that.
std::uint64_t hash_of(const std::byte* bytes, std::size_t size) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::size_t i = 0; i < size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  }
  return hash;
}

// The same field at another offset; the offsets of an array's element are from the element's start and stay.
void move_field(Field& field, std::int64_t by) {
  field.slot.offset = static_cast<std::uint32_t>(field.slot.offset + by);
  if (field.shape != Shape::structure) return;
  for (Field& member : field.fields) move_field(member, by);
}

}  // namespace

GroupTable::GroupTable(std::vector<const Field*> keys, const std::vector<std::string>& counts)
    : keys_(std::move(keys)), counts_(counts.size()) {
  plan_.root.shape = Shape::structure;
  std::uint32_t offset = 0;
  for (const Field* key : keys_) {
    Field copy = *key;
    move_field(copy, std::int64_t{offset} - copy.slot.offset);
    offset += padded(copy.size);
    plan_.root.fields.push_back(std::move(copy));
  }
  key_size_ = offset;
  for (const std::string& name : counts) {
    Field count;
    count.name = count.path = name;
    count.shape = Shape::unsigned_number;
    count.scalar = true;
    count.size = 8;
    count.slot = {offset, 8, 0, 0, false};
    offset += 8;
    plan_.root.fields.push_back(std::move(count));
  }
  plan_.size = offset;
  probe_.resize(plan_.size);
  index_.resize(64);
}

void GroupTable::add(Bytes record) noexcept {
  std::memset(probe_.data(), 0, probe_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    copy_canonical(*keys_[i], record, probe_.data() + plan_.root.fields[i].offset());
  }
  const std::size_t slot = find_slot(hash_of(probe_.data(), key_size_));
  std::size_t group = 0;
  if (index_[slot] != 0) {
    group = index_[slot] - 1;
  } else if (groups_ == group_limit) {
    ++overflow_;
    return;
  } else {
    group = groups_++;
    rows_.insert(rows_.end(), probe_.begin(), probe_.end());
    index_[slot] = static_cast<std::uint32_t>(groups_);
    if (groups_ * 2 > index_.size()) grow_index();
  }
  std::byte* const numbers = rows_.data() + group * plan_.size + key_size_;
  for (std::size_t i = 0; i < counts_; ++i) {
    std::uint64_t count = 0;
    std::memcpy(&count, numbers + i * 8, 8);
    ++count;
    std::memcpy(numbers + i * 8, &count, 8);
  }
}

std::size_t GroupTable::find_slot(std::uint64_t hash) const noexcept {
  std::size_t slot = hash & (index_.size() - 1);
  while (index_[slot] != 0) {
    const std::size_t group = index_[slot] - 1;
    if (std::memcmp(rows_.data() + group * plan_.size, probe_.data(), key_size_) == 0) break;
    slot = (slot + 1) & (index_.size() - 1);
  }
  return slot;
}

void GroupTable::grow_index() {
  std::vector<std::uint32_t> larger(index_.size() * 2);
  for (std::size_t group = 0; group < groups_; ++group) {
    std::size_t slot = hash_of(rows_.data() + group * plan_.size, key_size_) & (larger.size() - 1);
    while (larger[slot] != 0) slot = (slot + 1) & (larger.size() - 1);
    larger[slot] = static_cast<std::uint32_t>(group + 1);
  }
  index_ = std::move(larger);
}

void GroupTable::clear() noexcept {
  rows_.clear();
  index_.assign(index_.size(), 0);
  groups_ = 0;
}

}  // namespace probe_run
