#include "view/group_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "support/error.h"
#include "view/row_value.h"
#include "view/word_hash.h"

namespace probe_run {
namespace {

// The same field at another offset; the offsets of an array's element are from the element's start and stay.
void move_field(Field& field, std::int64_t by) {
  field.slot.offset = static_cast<std::uint32_t>(field.slot.offset + by);
  field.when = moved(field.when, by);
  if (field.inputs && field.inputs->process) {
    RenderInputs inputs = *field.inputs;
    inputs.process->offset = static_cast<std::uint32_t>(inputs.process->offset + by);
    field.inputs = std::make_shared<RenderInputs>(inputs);
  }
  if (field.shape != Shape::structure) return;
  for (Field& member : field.fields) move_field(member, by);
}

// What a row keeps behind each key: whether the record had it, and the process that its addresses belong to.
constexpr std::uint32_t presence_size = 1;
constexpr std::uint32_t process_offset = 4;
constexpr std::uint32_t key_tail = 8;

bool outside(const Slot& slot, const Field& whole) {
  return slot.offset < whole.offset() || slot.offset + slot.size > whole.offset() + whole.size;
}

// Whether the field, or what it is printed by, does not come with the whole: a view may keep members
// elsewhere.
bool needs_outside(const Field& field, const Field& whole) {
  if (field.offset() < whole.offset() || field.offset() + field.size > whole.offset() + whole.size)
    return true;
  for (const Condition* c = field.when.get(); c != nullptr; c = c->outer.get()) {
    if (outside(c->slot, whole)) return true;
  }
  if (field.inputs && field.inputs->process && outside(*field.inputs->process, whole)) return true;
  if (field.shape != Shape::structure) return false;
  return std::any_of(field.fields.begin(), field.fields.end(),
                     [&](const Field& member) { return needs_outside(member, whole); });
}

}  // namespace

bool GroupTable::can_group(const Field& field) {
  if (field.shape != Shape::structure) return true;
  return std::none_of(field.fields.begin(), field.fields.end(),
                      [&](const Field& member) { return needs_outside(member, field); });
}

GroupTable::GroupTable(std::vector<const Field*> keys, const std::vector<std::string>& counts)
    : keys_(std::move(keys)), counts_(counts.size()) {
  plan_.root.shape = Shape::structure;
  std::uint64_t size = 0;
  for (const Field* key : keys_) size += key->size;
  if (size > key_limit) {
    throw Error(fmt::format("a group would take {} bytes", size),
                fmt::format("the fields of \"group_by\" have at most {} bytes together", key_limit));
  }
  std::uint32_t offset = 0;
  for (const Field* key : keys_) {
    Field copy = *key;
    move_field(copy, std::int64_t{offset} - copy.slot.offset);
    offset += padded(copy.size);
    Condition had;
    had.slot = {offset, presence_size, 0, 0, false};
    had.values = {1};
    copy.when = std::make_shared<Condition>(std::move(had));
    if (copy.inputs && copy.inputs->process) {
      RenderInputs inputs = *copy.inputs;
      inputs.process = Slot{offset + process_offset, 4, 0, 0, false};
      copy.inputs = std::make_shared<RenderInputs>(inputs);
    }
    offset += key_tail;
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
    const Field& key = *keys_[i];
    const Field& copy = plan_.root.fields[i];
    copy_canonical(key, record, probe_.data() + copy.offset());
    std::byte* const tail = probe_.data() + copy.offset() + padded(copy.size);
    if (!present(key, record)) continue;
    tail[0] = std::byte{1};
    if (key.inputs && key.inputs->process && holds(record, *key.inputs->process)) {
      const auto process = static_cast<std::uint32_t>(load(record, *key.inputs->process));
      std::memcpy(tail + process_offset, &process, sizeof process);
    }
  }
  const std::size_t slot = find_slot(word_hash(probe_.data(), key_size_));
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
    std::size_t slot = word_hash(rows_.data() + group * plan_.size, key_size_) & (larger.size() - 1);
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
