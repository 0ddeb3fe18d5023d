// From the values of a condition to the predicate that asks for them: numbers, text and addresses.
#pragma once

#include <optional>

#include "filter/expression.h"
#include "filter/field_kind.h"
#include "filter/field_predicate.h"

namespace probe_run {

// Numbers: exact whatever the widths and the signs are.

struct IntegerValues {
  struct Item {
    bool negative = false;
    Wide magnitude = 0;
  };
  std::vector<Item> items;
};

// Not 0; of true and false: true. REQUIRES: an integer or a boolean
FieldPredicate nonzero_predicate(const Field& field, const FieldKind& kind);
// REQUIRES: a boolean
FieldPredicate boolean_predicate(const Field& field, bool wanted);

// False with an error added: the field never has this value, and what it can have is said.
bool in_range(const Field& field, const FieldKind& kind, const Literal& literal, std::string_view path,
              std::vector<ExpressionError>& errors);

// `op` is one of ==, <, <=, >, >= and in. REQUIRES: the values are in the field's range, and are one unless
// `op` is == or in. nullopt with an error added for what is never true.
std::optional<FieldPredicate> integer_predicate(const Field& field, const FieldKind& kind, Operator op,
                                                const IntegerValues& values, const ExpressionNode& node,
                                                std::vector<ExpressionError>& errors);

// Adds a value to a test of a floating-point field. False with an error added for a whole number that it
// cannot have.
bool add_float(const Field& field, Operator op, const Literal& literal, std::string_view path, FloatIs& test,
               std::vector<ExpressionError>& errors);

FloatIs::Order float_order(Operator op);

// Text and patterns.

// Without what is wanted. REQUIRES: kind.shown or kind.text
TextIs text_predicate(const Field& field, const FieldKind& kind);

FieldPredicate equal_predicate(TextIs test, std::vector<std::string> texts);
FieldPredicate ordered_predicate(TextIs test, FloatIs::Order order, std::string text);

// nullopt with an error added for a pattern that is none.
std::optional<FieldPredicate> glob_predicate(TextIs test, const std::vector<Literal>& patterns,
                                             std::vector<ExpressionError>& errors);
std::optional<FieldPredicate> regex_predicate(TextIs test, const Literal& pattern,
                                              std::vector<ExpressionError>& errors);

// Addresses and blocks of them.

// `op` is == or in for a good test. nullopt with an error added for what is no address, or one of another
// family. REQUIRES: kind.ip or kind.mac
std::optional<FieldPredicate> address_predicate(const Field& field, const FieldKind& kind, Operator op,
                                                const ExpressionNode& node,
                                                std::vector<ExpressionError>& errors);

}  // namespace probe_run
