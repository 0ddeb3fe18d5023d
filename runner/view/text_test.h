// Comparisons with text and patterns.
#pragma once

#include <optional>

#include "view/expression.h"
#include "view/field_kind.h"
#include "view/field_test.h"

namespace probe_run {

// Without what is wanted. REQUIRES: kind.shown or kind.text
TextIs text_test(const Field& field, const FieldKind& kind);

FieldTest equal_test(TextIs test, std::vector<std::string> texts);
FieldTest ordered_test(TextIs test, FloatIs::Order order, std::string text);

// nullopt with an error added for a pattern that is none.
std::optional<FieldTest> glob_test(TextIs test, const std::vector<Literal>& patterns,
                                   std::vector<ExpressionError>& errors);
std::optional<FieldTest> regex_test(TextIs test, const Literal& pattern,
                                    std::vector<ExpressionError>& errors);

}  // namespace probe_run
