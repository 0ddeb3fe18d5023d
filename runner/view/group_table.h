// Groups of records and what is computed of each.
//
// The rows it hands out have a plan of their own: the fields that make the group, then a field for each
// aggregate. A key that a record did not have is absent in its row too.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "decode/plan.h"
#include "support/key_index.h"
#include "view/aggregate_set.h"
#include "view/row_value.h"

namespace probe_run {

class GroupTable {
 public:
  static constexpr std::uint64_t default_groups = 10'000;
  // Bytes that all groups of a table take at most. Where one group can become large, there are fewer.
  static constexpr std::uint64_t memory_limit = std::uint64_t{256} << 20;

  // What the row of one group takes at most, in bytes: a type can be of any size.
  static constexpr std::uint64_t row_limit = 1u << 20;

  // `keys` are fields of the plan that records come with, and KeptField::can_keep() them; without any, all
  // records are one group, which is always there. Records beyond `groups` groups are aggregated into one
  // more, the other(): memory stays bounded whatever is traced. Throws Error when a row would be larger than
  // row_limit.
  GroupTable(const std::vector<const Field*>& keys, std::vector<Aggregate> aggregates,
             std::uint64_t groups = default_groups);

  const Plan& plan() const { return plan_; }
  // How many groups there can be.
  std::uint64_t limit() const { return limit_; }
  // What a group takes at most, in bytes.
  std::uint64_t group_bytes() const { return group_bytes_; }

  void add(Bytes record) noexcept;

  // Each group, in the order of arrival, but for other(). `seconds`: since the groups began anew, for rates,
  // which are absent without it.
  template <class Consume>
  void for_each(std::optional<double> seconds, Consume consume) noexcept {
    for (std::size_t i = 0; i < groups_; ++i) {
      if (i != other_) consume(show(i, seconds));
    }
  }
  // nullopt while every record has a group of its own.
  std::optional<Bytes> other(std::optional<double> seconds) noexcept;

  void clear() noexcept;
  // The groups stay; their rates are of what comes from now on.
  void restart_rates() noexcept { aggregates_->restart_rates(); }

  // Records that came into other(), of all times.
  std::uint64_t overflow() const { return overflow_; }

 private:
  static constexpr std::size_t none = SIZE_MAX;

  std::byte* row(std::size_t group) { return rows_.data() + group * plan_.size; }
  Bytes show(std::size_t group, std::optional<double> seconds) noexcept;
  std::size_t find_group() noexcept;
  std::size_t add_group();

  std::vector<KeptField> keys_;
  Plan plan_;
  std::size_t key_size_ = 0;
  std::optional<AggregateSet> aggregates_;
  std::uint64_t limit_ = 0, group_bytes_ = 0;
  std::vector<std::byte> probe_;  // the group of the record at hand
  std::vector<std::byte> rows_;   // plan_.size bytes for each group, in the order of arrival
  KeyIndex index_;                // of all groups but other_
  std::size_t groups_ = 0;        // with other_
  std::size_t other_ = none;
  std::uint64_t overflow_ = 0;
};

}  // namespace probe_run
