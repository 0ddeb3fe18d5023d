// A column of an output.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decode/plan.h"
#include "support/source_text.h"

namespace probe_run {

struct OutputSpec;

// The text for the keys in the row of all groups beyond the limit.
inline constexpr std::string_view other_text = "(other)";

struct OtherCell {
  const Plan::Other* row = nullptr;  // nullptr: the cell is not a key
  std::string_view text;             // "(other)" in the first cell of a key, "" in the next ones

  bool in(Bytes record) const noexcept { return row != nullptr && row->is(record); }
};

// For the cells of a row, from the first to the last.
class OtherCells {
 public:
  explicit OtherCells(const Plan& plan) : plan_(plan) {}

  OtherCell next(const Field& field) {
    if (!plan_.other) return {};
    for (std::size_t i = 0; i < plan_.other->keys; ++i) {
      if (!is_within(field, plan_.root.fields[i])) continue;
      const std::string_view text = said_ ? std::string_view() : other_text;
      said_ = true;
      return {&*plan_.other, text};
    }
    return {};
  }

 private:
  static bool is_within(const Field& field, const Field& whole) {
    if (&field == &whole) return true;
    for (const Field& member : whole.fields) {
      if (is_within(field, member)) return true;
    }
    return false;
  }

  const Plan& plan_;
  bool said_ = false;
};

struct Column {
  std::string name;
  const Field* field = nullptr;  // into the plan of the rows
  OtherCell other = {};
};

// The fields of the output's "fields", or all. `flat` splits structures into their members (table, CSV). Reports
// unknown fields.
std::vector<Column> compile_columns(const OutputSpec& output, const Plan& plan, bool flat,
                                    Diagnostics& diagnostics);

}  // namespace probe_run
