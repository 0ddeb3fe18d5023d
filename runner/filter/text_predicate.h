// Comparisons with text and patterns.
#pragma once

#include <optional>

#include "filter/expression.h"
#include "filter/field_kind.h"
#include "filter/field_predicate.h"

namespace probe_run {

// Without what is wanted. REQUIRES: kind.shown or kind.text
TextIs text_predicate(const Field& field, const FieldKind& kind);

FieldPredicate equal_predicate(TextIs test, std::vector<std::string> texts);
FieldPredicate ordered_predicate(TextIs test, FloatIs::Order order, std::string text);

// nullopt with an error added for a pattern that is none.
std::optional<FieldPredicate> glob_predicate(TextIs test, const std::vector<Literal>& patterns,
                                             std::vector<ExpressionError>& errors);
std::optional<FieldPredicate> regex_predicate(TextIs test, const Literal& pattern,
                                              std::vector<ExpressionError>& errors);

}  // namespace probe_run
