// One condition of an expression as a test of its field: the types are checked here.
#pragma once

#include <optional>

#include "view/expression.h"
#include "view/field_place.h"
#include "view/field_test.h"

namespace probe_run {

struct CompiledCondition {
  FieldPlace place;
  FieldTest test;
  bool negated = false;
};

// nullopt with at least one error added.
std::optional<CompiledCondition> compile_field_condition(const ExpressionNode& node, const Plan& plan,
                                                         std::vector<ExpressionError>& errors);

}  // namespace probe_run
