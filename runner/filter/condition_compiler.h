// One condition of an expression as a test of its field: the types are checked here.
#pragma once

#include <optional>

#include "filter/expression.h"
#include "filter/field_place.h"
#include "filter/field_predicate.h"

namespace probe_run {

struct CompiledCondition {
  FieldPlace place;
  FieldPredicate test;
  bool negated = false;
};

// nullopt with at least one error added.
std::optional<CompiledCondition> compile_field_condition(const ExpressionNode& node, const Plan& plan,
                                                         std::vector<ExpressionError>& errors);

}  // namespace probe_run
