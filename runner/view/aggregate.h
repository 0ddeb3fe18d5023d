// A column of "aggregate", computed from the rows of a group and typed against the plan of the rows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decode/histogram.h"
#include "decode/plan.h"
#include "support/source_text.h"

namespace probe_run {

struct Aggregate {
  enum class Function {
    count,
    sum,
    min,
    max,
    avg,
    rate,  // of rows, or of the sum of a field
    first,
    last,
    distinct,
    percentile,
    histogram,  // log2, exp2, exp2zero, linear, fixed
    exponential,
    slots  // the histogram that a map keeps: `field` is the number of the slot, `counts` its count
  };

  std::string name;  // of the column
  Function function = Function::count;
  const Field* field = nullptr;  // of the plan of the rows; nullptr: none
  const Field* counts = nullptr;
  const Field* sum = nullptr;  // of slots: added up; nullptr: none, or the count of a slot
  double percent = 0;          // of percentile
  std::shared_ptr<const Histogram>
      histogram;  // of those three; of `sum`, only the slot and the factor are set
};

// An integer or floating-point number that can be summed, printed as a number, size, duration or percentage.
bool is_quantity(const Field& field);

// The column `name` computed by `call`, such as "max(latency)". Reports mistakes at their positions.
std::optional<Aggregate> compile_aggregate(const std::string& name, const Located<std::string>& call,
                                           const Plan& plan, Diagnostics& diagnostics);

}  // namespace probe_run
