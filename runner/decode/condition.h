// When a field is present: an arm of a union, or the members of one of several record types.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "decode/slot.h"

namespace probe_run {

struct Condition {
  Slot slot;                               // of the deciding number, in the same record
  std::vector<std::uint64_t> values;       // as returned by load(), sorted
  std::shared_ptr<const Condition> outer;  // must be met as well; nullptr for none

  // Not met by a record that is too short to have the number.
  bool met(Bytes record) const noexcept {
    for (const Condition* condition = this; condition != nullptr; condition = condition->outer.get()) {
      if (!holds(record, condition->slot)) return false;
      const std::uint64_t value = load(record, condition->slot);
      if (!std::binary_search(condition->values.begin(), condition->values.end(), value)) return false;
    }
    return true;
  }
};

// Met if both are. nullptr is always met.
inline std::shared_ptr<const Condition> both(const std::shared_ptr<const Condition>& condition,
                                             const std::shared_ptr<const Condition>& other) {
  if (!condition) return other;
  if (!other) return condition;
  auto copy = std::make_shared<Condition>(*condition);
  copy->outer = both(condition->outer, other);
  return copy;
}

// The same with other offsets, for a field that is moved. nullptr stays nullptr.
inline std::shared_ptr<const Condition> moved(const std::shared_ptr<const Condition>& condition,
                                              std::int64_t by) {
  if (!condition) return nullptr;
  auto copy = std::make_shared<Condition>(*condition);
  copy->slot.offset = static_cast<std::uint32_t>(copy->slot.offset + by);
  copy->outer = moved(condition->outer, by);
  return copy;
}

}  // namespace probe_run
