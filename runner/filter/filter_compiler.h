// From an expression and the fields that there are to the steps of a filter.
#pragma once

#include "filter/expression.h"
#include "filter/filter.h"

namespace probe_run {

class FilterCompiler {
 public:
  FilterCompiler(const Expression& expression, const Plan& plan, std::vector<ExpressionError>& errors)
      : expression_(expression), plan_(plan), errors_(errors) {}

  // Every mistake is added to the errors.
  void compile(Filter& filter);

 private:
  std::uint32_t node(std::uint32_t index, std::uint32_t if_true, std::uint32_t if_false);
  std::uint32_t condition(const ExpressionNode& node, std::uint32_t if_true, std::uint32_t if_false);

  const Expression& expression_;
  const Plan& plan_;
  std::vector<ExpressionError>& errors_;
  std::vector<Filter::Step> steps_;
};

}  // namespace probe_run
