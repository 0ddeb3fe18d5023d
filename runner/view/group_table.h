// Groups of records and their aggregates.
//
// Its rows have a separate plan: the fields of "group_by", then a field for each aggregate. A key that a record did
// not have is absent in its row, too.
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
  // The most bytes that all groups of a table take. If one group can become large, there are fewer.
  static constexpr std::uint64_t memory_limit = std::uint64_t{256} << 20;

  // The most bytes of the row of one group: a type can have any size.
  static constexpr std::uint64_t row_limit = 1u << 20;

  // `keys` are fields of the records' plan for which KeptField::can_keep() is true; without keys, all records are one
  // group, which always exists. Records beyond `groups` groups are aggregated into one more, other(), to bound memory.
  // Throws Error if a row would be larger than row_limit.
  GroupTable(const std::vector<const Field*>& keys, std::vector<Aggregate> aggregates,
             std::uint64_t groups = default_groups);

  const Plan& plan() const { return plan_; }

  // For errors: the plan that the groups' rows have, and columns that could not be compiled.
  void made_of(const Plan& rows, std::vector<std::string> undefined) {
    plan_.rows = &rows;
    plan_.undefined = std::move(undefined);
  }
  // The maximum number of groups.
  std::uint64_t limit() const { return limit_; }
  // The most bytes of a group.
  std::uint64_t group_bytes() const { return group_bytes_; }

  void add(Bytes record) noexcept;

  // Visits each group in the order of arrival, except other(). `seconds`: since the groups were cleared, for rates,
  // which are absent without it.
  template <class Consume>
  void for_each(std::optional<double> seconds, Consume consume) noexcept {
    for (std::size_t i = 0; i < groups_; ++i) {
      if (i != other_) consume(show(i, seconds));
    }
  }
  // nullopt while no record exceeds the limit.
  std::optional<Bytes> other(std::optional<double> seconds) noexcept;

  void clear() noexcept;
  // The groups stay; their rates start again.
  void restart_rates() noexcept { aggregates_->restart_rates(); }

  // The total number of records in other().
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
  std::vector<std::byte> probe_;  // the group of the current record
  std::vector<std::byte> rows_;   // plan_.size bytes for each group, in the order of arrival
  KeyIndex index_;                // of all groups except other_
  std::size_t groups_ = 0;        // with other_
  std::size_t other_ = none;
  std::uint64_t overflow_ = 0;
};

}  // namespace probe_run
