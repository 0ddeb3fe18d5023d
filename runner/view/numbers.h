// The numbers of a map's value that can be added and subtracted.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "decode/plan.h"

namespace probe_run {

// An integer or a floating-point number of 4 or 8 bytes, shown plainly or as dec, size or duration. An
// address or the name of an enum is none.
bool is_summable(const Field& field);

struct Number {
  Slot slot;                              // from the row's start, also of an array's element
  std::shared_ptr<const Condition> when;  // of the whole row; nullptr: always there
  const Field* field = nullptr;           // in the plan; of an array, its element
  bool is_float = false;
};

// Those of the plan that lie in the row's bytes from `begin` to `end`: of structs, arrays and arrays of
// structs, in the plan's order. A number that chooses other fields ("when") is none of them. Of arms of a
// union that share bytes without a condition, the first is taken. Throws Error when there are too many.
std::vector<Number> find_numbers(const Plan& plan, std::uint32_t begin, std::uint32_t end);

// The lowest bits of `value`, as many as the slot has; its neighbours in the same bytes stay as they are.
// REQUIRES: `row` has the slot, which has at most 64 bits
void store(std::byte* row, const Slot& slot, std::uint64_t value) noexcept;

}  // namespace probe_run
