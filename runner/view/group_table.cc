#include "view/group_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "spec/output_spec.h"
#include "support/error.h"

namespace probe_run {
namespace {

// Rows of groups are collected again to be sorted; the index has at least two slots for each.
constexpr std::uint64_t copies = 2, index_bytes = 16;

// After the keys: not 0 in the row of other().
constexpr std::uint32_t mark_size = 8;

}  // namespace

GroupTable::GroupTable(const std::vector<const Field*>& keys, std::vector<Aggregate> aggregates,
                       std::uint64_t groups) {
  plan_.root.shape = Shape::structure;
  std::uint64_t kept = 0;
  for (const Field* key : keys) kept += key->size;
  for (const Aggregate& aggregate : aggregates) {
    const bool keeps = aggregate.function == Aggregate::Function::first ||
                       aggregate.function == Aggregate::Function::last ||
                       aggregate.function == Aggregate::Function::distinct;
    if (keeps) kept += aggregate.field->size;
    if (aggregate.histogram) kept += aggregate.histogram->ranges.size() * sizeof(std::uint64_t);
  }
  if (kept > row_limit) {
    throw Error(
        fmt::format("a group is too large: {} bytes", kept),
        fmt::format("use fewer or smaller fields and histograms, of at most {} bytes together", row_limit));
  }
  std::uint32_t offset = 0;
  keys_.reserve(keys.size());
  for (const Field* key : keys) {
    plan_.root.fields.push_back(keys_.emplace_back(*key, offset).field());
    offset += static_cast<std::uint32_t>(KeptField::size(*key));
  }
  key_size_ = offset;
  plan_.other = Plan::Other{keys.size(), Slot{offset, 1, 0, 0, false}};
  plan_.size = offset + mark_size;
  aggregates_.emplace(std::move(aggregates), plan_);
  group_bytes_ = copies * plan_.size + index_bytes + aggregates_->most_bytes();
  limit_ = std::clamp<std::uint64_t>(std::min(groups, memory_limit / group_bytes_), 1, most_groups);
  probe_.resize(plan_.size);
  index_ = KeyIndex(key_size_, plan_.size);
  clear();
}

void GroupTable::add(Bytes record) noexcept {
  const std::size_t group = keys_.empty() ? 0 : [&] {
    std::memset(probe_.data(), 0, key_size_);
    for (const KeptField& key : keys_) key.keep(record, probe_.data());
    return find_group();
  }();
  aggregates_->add(group, row(group), record);
}

std::size_t GroupTable::find_group() noexcept {
  const KeyIndex::Place place = index_.find(probe_.data(), rows_.data());
  if (place.row != KeyIndex::none) return place.row;
  if (groups_ - (other_ != none ? 1 : 0) == limit_) {
    ++overflow_;
    if (other_ != none) return other_;
    std::memset(probe_.data(), 0, key_size_);
    other_ = add_group();
    row(other_)[plan_.other->slot.offset] = std::byte{1};
    return other_;
  }
  const std::size_t group = add_group();
  index_.add(place, static_cast<std::uint32_t>(group), rows_.data());
  return group;
}

std::size_t GroupTable::add_group() {
  rows_.insert(rows_.end(), probe_.begin(), probe_.end());
  aggregates_->add_group();
  return groups_++;
}

Bytes GroupTable::show(std::size_t group, std::optional<double> seconds) noexcept {
  aggregates_->show(group, row(group), seconds);
  return Bytes(rows_).subspan(group * plan_.size, plan_.size);
}

std::optional<Bytes> GroupTable::other(std::optional<double> seconds) noexcept {
  if (other_ == none) return std::nullopt;
  return show(other_, seconds);
}

void GroupTable::clear() noexcept {
  rows_.clear();
  aggregates_->clear();
  index_.clear();
  groups_ = 0;
  other_ = none;
  if (!keys_.empty()) return;
  std::memset(probe_.data(), 0, probe_.size());
  add_group();
}

}  // namespace probe_run
