// A field as an output shows it.
#pragma once

#include <string>
#include <vector>

#include "decode/plan.h"
#include "format/other_row.h"
#include "spec/spec.h"

namespace probe_run {

struct Column {
  std::string name;
  const Field* field = nullptr;  // into the plan of the rows
  OtherCell other = {};
};

// The fields that the output asks for, or all. `flat` takes structures apart into their members (table, CSV).
// Reports fields that are not there.
std::vector<Column> compile_columns(const OutputSpec& output, const Plan& plan, bool flat,
                                    Diagnostics& diagnostics);

}  // namespace probe_run
