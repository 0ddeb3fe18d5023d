// Rows in which the numbers of a map's value stand as floating-point numbers, for their rates.
#pragma once

#include <cstdint>
#include <vector>

#include "decode/plan.h"
#include "view/numbers.h"

namespace probe_run {

struct RatePlan {
  struct Rate {
    Number number;             // in the entry
    std::uint32_t offset = 0;  // of its double in the row
  };
  // An entry with the doubles behind it. A number and an array of numbers keep their path and condition;
  // numbers of an array's structs stay what they are.
  Plan plan;
  std::vector<Rate> rates;
};

// `plan` is of the entries and must outlive the result; `numbers` are those of it that find_numbers() gave.
RatePlan compile_rate_plan(const Plan& plan, const std::vector<Number>& numbers);

}  // namespace probe_run
