// Which rows an output takes: its "where", compiled.
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
  // `plan` is of the rows and must outlive the filter. Reports every mistake at its place in the spec; a
  // filter with a mistake is not to be used.
  Filter(const Located<std::string>& where, const Plan& plan, Diagnostics& diagnostics);

  // Looks at no more fields than it must. Allocates nothing once it has seen the longest text.
  bool passes(Bytes row, const RenderContext& context) noexcept;

 private:
  friend class FilterCompiler;

  // One question, and which comes next by its answer. The next is always one further down, so that each is
  // asked once at most; past the end stand the two answers.
  struct Step {
    FieldPlace place;
    FieldPredicate test;
    bool negated = false;  // the field must be there, and the test must fail
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
