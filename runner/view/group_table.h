// Groups of records and what is counted of each.
//
// The rows it hands out have a plan of their own: the fields that make the group, then one 64-bit number for
// each aggregate. A key that a record did not have is absent in its row too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decode/plan.h"

namespace probe_run {

class GroupTable {
 public:
  // Records of groups beyond this many are counted in overflow() and in no group: memory stays bounded
  // whatever is traced.
  static constexpr std::size_t group_limit = 100'000;

  // Not a struct with members that lie outside of it, or that a field outside of it chooses or gives the
  // process of.
  static bool can_group(const Field& field);

  // What one group takes at most, in bytes: a type can be of any size.
  static constexpr std::uint64_t key_limit = 1u << 20;

  // `keys` are fields of the plan that records come with, and can_group() them; `counts` names the columns
  // that count records. Throws Error when the keys are larger than key_limit together.
  GroupTable(std::vector<const Field*> keys, const std::vector<std::string>& counts);

  const Plan& plan() const { return plan_; }

  void add(Bytes record) noexcept;

  template <class Consume>
  void for_each(Consume consume) const {
    const std::size_t stride = plan_.size;
    for (std::size_t i = 0; i < groups_; ++i) consume(Bytes(rows_).subspan(i * stride, stride));
  }
  void clear() noexcept;

  std::uint64_t overflow() const { return overflow_; }

 private:
  std::size_t find_slot(std::uint64_t hash) const noexcept;
  void grow_index();

  std::vector<const Field*> keys_;
  Plan plan_;
  std::size_t key_size_ = 0;
  std::size_t counts_;
  std::vector<std::byte> probe_;      // the group of the record at hand
  std::vector<std::byte> rows_;       // plan_.size bytes for each group, in the order of arrival
  std::vector<std::uint32_t> index_;  // open addressing: number of a group plus one, 0 for free
  std::size_t groups_ = 0;
  std::uint64_t overflow_ = 0;
};

}  // namespace probe_run
