// Compiles the values of a condition to a predicate: numbers, text and addresses.
#pragma once

#include <optional>

#include "filter/expression.h"
#include "filter/field_kind.h"
#include "filter/field_predicate.h"

namespace probe_run {

// Numbers: exact for all widths and signs.

struct IntegerValues {
  struct Item {
    bool negative = false;
    Wide magnitude = 0;
  };
  std::vector<Item> items;
};

// Tests for not 0 or, for a boolean, true. REQUIRES: an integer or a boolean
FieldPredicate nonzero_predicate(const Field& field, const FieldKind& kind);
// REQUIRES: a boolean
FieldPredicate boolean_predicate(const Field& field, bool wanted);

// False, with an error that gives the range, if the field never has this value.
bool in_range(const Field& field, const FieldKind& kind, const Literal& literal, std::string_view path,
              std::vector<ExpressionError>& errors);

// `op` is one of ==, <, <=, >, >= and in. REQUIRES: the values are in the field's range, and there is only one unless
// `op` is == or in. nullopt, with an error added, if it is never true.
std::optional<FieldPredicate> integer_predicate(const Field& field, const FieldKind& kind, Operator op,
                                                const IntegerValues& values, const ExpressionNode& node,
                                                std::vector<ExpressionError>& errors);

// Adds a value to a test of a floating-point field. False, with an error added, for a whole number that it cannot have.
bool add_float(const Field& field, Operator op, const Literal& literal, std::string_view path, FloatIs& test,
               std::vector<ExpressionError>& errors);

FloatIs::Order float_order(Operator op);

// Text and patterns.

// Without the wanted values. REQUIRES: kind.shown or kind.text
TextIs text_predicate(const Field& field, const FieldKind& kind);

FieldPredicate equal_predicate(TextIs test, std::vector<std::string> texts);
FieldPredicate ordered_predicate(TextIs test, FloatIs::Order order, std::string text);

// nullopt, with an error added, for an invalid pattern.
std::optional<FieldPredicate> glob_predicate(TextIs test, const std::vector<Literal>& patterns,
                                             std::vector<ExpressionError>& errors);
std::optional<FieldPredicate> regex_predicate(TextIs test, const Literal& pattern,
                                              std::vector<ExpressionError>& errors);

// Addresses and blocks of them.

// `op` must be == or in. nullopt, with an error added, for an invalid address or one of another family. REQUIRES:
// kind.ip or kind.mac
std::optional<FieldPredicate> address_predicate(const Field& field, const FieldKind& kind, Operator op,
                                                const ExpressionNode& node,
                                                std::vector<ExpressionError>& errors);

}  // namespace probe_run
