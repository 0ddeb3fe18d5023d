// The compiled "where" of an output.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "decode/plan.h"
#include "filter/field_place.h"
#include "filter/field_predicate.h"
#include "support/source_text.h"

namespace probe_run {

class Filter {
 public:
  // `plan` describes the rows and must outlive the filter. Reports all mistakes at their positions in the spec; do not
  // use a filter with mistakes.
  Filter(const Located<std::string>& where, const Plan& plan, Diagnostics& diagnostics);

  // Stops as soon as the result is known. Does not allocate once it has seen the longest text.
  bool passes(Bytes row, const RenderContext& context) noexcept;

 private:
  friend class FilterCompiler;

  // One test, and the next step for each of its results. Next steps are always later ones, so that each test runs at
  // most once; indices past the end are the two results.
  struct Step {
    FieldPlace place;
    FieldPredicate test;
    bool negated = false;  // the field must be present, and the test must fail
    std::uint32_t if_true = 0, if_false = 0;
  };

  bool answer(const Step& step, Bytes row, const RenderContext& context) noexcept;

  static constexpr std::uint32_t accepted = UINT32_MAX;
  static constexpr std::uint32_t refused = UINT32_MAX - 1;

  std::vector<Step> steps_;
  std::uint32_t first_ = accepted;
  TextBuffer scratch_;
};

}  // namespace probe_run
