// Compiles one condition of an expression to a test of its field, and checks the types.
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

// nullopt if at least one error was added.
std::optional<CompiledCondition> compile_field_condition(const ExpressionNode& node, const Plan& plan,
                                                         std::vector<ExpressionError>& errors);

}  // namespace probe_run
