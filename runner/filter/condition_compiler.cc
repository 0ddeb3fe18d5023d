#include "filter/condition_compiler.h"

#include <fmt/format.h>

#include <algorithm>

#include "filter/expression_lexer.h"
#include "filter/field_kind.h"
#include "filter/literal_unit.h"
#include "filter/predicate_compiler.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Operators that negate another one: `!=` negates `==`.
struct Positive {
  Operator op;
  bool negated = false;
};
Positive positive(Operator op) {
  switch (op) {
    case Operator::not_equal:
      return {Operator::equal, true};
    case Operator::no_match:
      return {Operator::match, true};
    case Operator::not_in:
      return {Operator::in, true};
    case Operator::not_glob:
      return {Operator::glob, true};
    case Operator::has_not:
      return {Operator::has, true};
    default:
      return {op, false};
  }
}

class ConditionCompiler {
 public:
  ConditionCompiler(const ExpressionNode& node, const FieldPlace& place, const Plan& plan,
                    std::vector<ExpressionError>& errors)
      : node_(node),
        field_(*place.field),
        kind_(kind_of(field_)),
        op_(positive(node.op).op),
        plan_(plan),
        errors_(errors) {}

  std::optional<FieldPredicate> compile() {
    if (op_ == Operator::exists) return IsThere{};
    if (field_.shape == Shape::structure) return whole_struct();
    if (field_.shape == Shape::array && !asks_for_address()) return whole_array();
    switch (op_) {
      case Operator::is_true:
        return alone();
      case Operator::match:
      case Operator::glob:
        return pattern();
      case Operator::has:
        return bits();
      default:
        return comparison();
    }
  }

 private:
  std::nullopt_t error(ExpressionPlace at, std::string what, std::string hint) {
    errors_.push_back({at, std::move(what), std::move(hint)});
    return std::nullopt;
  }

  std::string_view path() const { return node_.field; }

  // An array of bytes may be an address.
  bool asks_for_address() const {
    return (kind_.ip || kind_.mac) && !node_.values.empty() && node_.values[0].kind == Literal::Kind::address;
  }

  std::optional<FieldPredicate> whole_struct() {
    return error(node_.field_at, fmt::format("the field \"{}\" is a struct", path()),
                 field_.fields.empty() ? "compare another field: it has no members"
                                       : fmt::format("use one of its members, such as \"{}\", or exists({})",
                                                     field_.fields[0].path, path()));
  }

  std::optional<FieldPredicate> whole_array() {
    return error(node_.field_at, fmt::format("the field \"{}\" is a list", path()),
                 fmt::format("use one of its items, \"{0}[0]\", or any of them, \"{0}[]\"", path()));
  }

  std::optional<FieldPredicate> alone() {
    if (kind_.boolean || kind_.integer || kind_.wide) return nonzero_predicate(field_, kind_);
    return error(node_.field_at,
                 fmt::format("\"{}\" alone is not a condition: it is {}", path(), describe(field_, kind_)),
                 kind_.text ? fmt::format("write {0} == 'text' or exists({0})", path())
                            : fmt::format("compare it with a value, or use exists({})", path()));
  }

  // The literal as written, for messages.
  static std::string written(const Literal& literal) {
    const std::string text = escape_for_terminal(literal.text);
    return literal.kind == Literal::Kind::text ? fmt::format("'{}'", text) : text;
  }

  std::optional<FieldPredicate> pattern() {
    if (!kind_.shown) {
      return error(
          node_.op_at,
          fmt::format("{} needs text, but \"{}\" is {}", to_text(node_.op), path(), describe(field_, kind_)),
          "compare it with ==, < or in");
    }
    for (const Literal& value : node_.values) {
      if (value.kind != Literal::Kind::text) {
        return error(value.at, fmt::format("{} must be followed by text in quotes", to_text(node_.op)),
                     fmt::format("write {} {} '{}'", path(), to_text(node_.op),
                                 op_ == Operator::glob ? "nginx*" : "^nginx"));
      }
    }
    TextIs test = text_predicate(field_, kind_);
    return op_ == Operator::glob ? glob_predicate(std::move(test), node_.values, errors_)
                                 : regex_predicate(std::move(test), node_.values[0], errors_);
  }

  std::optional<FieldPredicate> bits() {
    if (!kind_.integer || kind_.big_endian) {
      return error(node_.op_at,
                   fmt::format("{} needs an integer, but \"{}\" is {}", to_text(node_.op), path(),
                               describe(field_, kind_)),
                   "");
    }
    BitsAre::Bits all;
    for (const Literal& value : node_.values) {
      const auto bits = bits_of_literal(value);
      if (!bits) return std::nullopt;
      all.mask |= bits->mask;
      all.wanted |= bits->wanted;
    }
    BitsAre test;
    test.slot = field_.slot;
    test.slot.is_signed = false;
    test.any_of.push_back(all);
    return test;
  }

  std::optional<NamedBits> bits_of_literal(const Literal& value) {
    if (value.kind == Literal::Kind::integer) {
      const bool fits = !value.negative && value.magnitude <= ones_of(field_.slot);
      if (fits && value.magnitude != 0) {
        const auto mask = static_cast<std::uint64_t>(value.magnitude);
        return NamedBits{mask, mask};
      }
      return error(value.at, fmt::format("{} is not in the bits of \"{}\"", written(value), path()),
                   fmt::format("it has {} bits", kind_.bits));
    }
    if (value.kind != Literal::Kind::text && value.kind != Literal::Kind::word) {
      return error(value.at, fmt::format("{} is not the name of a bit", written(value)),
                   "use a name, or a number such as 0x10");
    }
    std::string name;
    if (!text_of_literal(value, name)) return std::nullopt;
    if (const auto bits = value_names_of(field_).bits(field_, name)) return bits;
    return no_such_name(value, name);
  }

  std::nullopt_t no_such_name(const Literal& value, std::string_view name) {
    const std::vector<std::string> names = value_names_of(field_).all(field_);
    return error(value.at, fmt::format("\"{}\" has no value \"{}\"", path(), escape_for_terminal(name)),
                 names.empty() ? "use a number: its values have no names"
                               : suggestion(name, views(names), "known values"));
  }

  bool text_of_literal(const Literal& value, std::string& text) {
    if (value.kind == Literal::Kind::text) return unescape(value, text, errors_);
    text = value.text;
    return true;
  }

  std::optional<FieldPredicate> comparison() {
    const Literal& first = node_.values[0];
    // All values of the list must be of the same kind as the first.
    if (first.kind == Literal::Kind::text || first.kind == Literal::Kind::word) {
      if (kind_.ip || kind_.mac) {
        if (field_.shape == Shape::rendered) return addresses();
      }
      if (kind_.names) return numbers();
      if (kind_.text && first.kind == Literal::Kind::text) return texts();
      return mismatch(first);
    }
    if (first.kind == Literal::Kind::address) return kind_.ip || kind_.mac ? addresses() : mismatch(first);
    if (kind_.boolean) return booleans();
    if (kind_.integer || kind_.wide) return numbers();
    if (kind_.floating) return floats();
    return mismatch(first);
  }

  std::nullopt_t mismatch(const Literal& value) {
    if (value.kind == Literal::Kind::word) {
      if (plan_.find(value.text) != nullptr) {
        return error(value.at, "a field must be compared with a value, not with another field",
                     "write pid == 42 or comm == 'nginx'");
      }
      return error(
          value.at, fmt::format("\"{}\" is not a value", escape_for_terminal(value.text)),
          kind_.text ? fmt::format("write text in quotes: '{}'", escape_for_terminal(value.text)) : needed());
    }
    return error(value.at,
                 fmt::format("\"{}\" is {} and is never {}", path(), describe(field_, kind_), written(value)),
                 needed());
  }

  // Hint for the values that the field can be compared with.
  std::string needed() const {
    if (kind_.boolean) return "compare it with true or false";
    if (kind_.names) {
      const std::vector<std::string> names = value_names_of(field_).all(field_);
      return fmt::format("compare it with a number or one of its names{}",
                         names.empty() ? "" : fmt::format(", such as '{}'", escape_for_terminal(names[0])));
    }
    if (kind_.ip && field_.shape == Shape::rendered)
      return "compare it with an address such as 10.0.0.1, or write in 10.0.0.0/8";
    if (kind_.mac && field_.shape == Shape::rendered)
      return "compare it with an address such as 02:42:ac:11:00:02";
    if (kind_.text && kind_.integer) return "compare it with a number, or with text in quotes";
    if (kind_.text) return "compare it with text in quotes";
    if (kind_.integer || kind_.wide) return "compare it with a whole number such as 42, 0x2a, 10ms or 4KiB";
    if (kind_.floating) return "compare it with a number";
    return {};
  }

  bool ordered() const { return op_ != Operator::equal && op_ != Operator::in; }

  std::optional<FieldPredicate> booleans() {
    std::optional<bool> wanted;
    for (const Literal& value : node_.values) {
      const bool bit = value.kind == Literal::Kind::integer && !value.negative && value.magnitude <= 1;
      if (value.kind != Literal::Kind::boolean && !bit) return mismatch(value);
      if (ordered() || node_.values.size() > 1) {
        return error(
            node_.op_at,
            fmt::format("\"{}\" is true or false and cannot be compared with {}", path(), to_text(node_.op)),
            fmt::format("write \"{0}\" or \"not {0}\"", path()));
      }
      wanted = bit ? value.magnitude == 1 : value.truth;
    }
    return boolean_predicate(field_, *wanted);
  }

  std::optional<FieldPredicate> numbers() {
    if (node_.values[0].kind == Literal::Kind::boolean) return mismatch(node_.values[0]);
    IntegerValues values;
    bool good = true;
    for (const Literal& value : node_.values) good = add_number(value, values) && good;
    if (!good) return std::nullopt;
    if (ordered() && values.items.size() != 1) {
      return error(node_.op_at, fmt::format("{} needs one number", to_text(node_.op)),
                   "use == or in: the name stands for several numbers");
    }
    return integer_predicate(field_, kind_, op_, values, node_, errors_);
  }

  bool add_number(const Literal& given, IntegerValues& values) {
    const std::optional<Literal> scaled = in_unit_of(field_, kind_, given, path(), errors_);
    if (!scaled) return false;
    const Literal& value = *scaled;
    if (value.kind == Literal::Kind::integer) {
      values.items.push_back({value.negative, value.magnitude});
      return in_range(field_, kind_, value, path(), errors_);
    }
    if (value.kind == Literal::Kind::floating) {
      error(value.at, fmt::format("\"{}\" is {} and has no fraction", path(), describe(field_, kind_)),
            "write a whole number");
      return false;
    }
    if (value.kind != Literal::Kind::text && value.kind != Literal::Kind::word) {
      mismatch(value);
      return false;
    }
    if (!kind_.names) {
      mismatch(value);
      return false;
    }
    std::string name;
    if (!text_of_literal(value, name)) return false;
    const std::vector<std::uint64_t> numbers = value_names_of(field_).numbers(field_, name);
    if (numbers.empty()) no_such_name(value, name);
    for (const std::uint64_t number : numbers) {
      const bool negative = kind_.is_signed && static_cast<std::int64_t>(number) < 0;
      values.items.push_back({negative, negative ? 0 - number : number});
    }
    return !numbers.empty();
  }

  std::optional<FieldPredicate> floats() {
    FloatIs test;
    for (const Literal& given : node_.values) {
      const std::optional<Literal> scaled = in_unit_of(field_, kind_, given, path(), errors_);
      if (!scaled) return std::nullopt;
      const Literal& value = *scaled;
      if (value.kind != Literal::Kind::integer && value.kind != Literal::Kind::floating)
        return mismatch(value);
      if (!add_float(field_, op_, value, path(), test, errors_)) return std::nullopt;
    }
    return test;
  }

  std::optional<FieldPredicate> texts() {
    TextIs test = text_predicate(field_, kind_);
    std::vector<std::string> wanted;
    bool good = true;
    for (const Literal& value : node_.values) {
      if (value.kind != Literal::Kind::text) return mismatch(value);
      good = unescape(value, wanted.emplace_back(), errors_) && good;
    }
    if (!good) return std::nullopt;
    if (!ordered()) return equal_predicate(std::move(test), std::move(wanted));
    if (kind_.frames) {
      return error(node_.op_at, fmt::format("functions cannot be compared with {}", to_text(node_.op)),
                   "use ==, glob or =~");
    }
    return ordered_predicate(std::move(test), float_order(op_), std::move(wanted[0]));
  }

  std::optional<FieldPredicate> addresses() { return address_predicate(field_, kind_, op_, node_, errors_); }

  const ExpressionNode& node_;
  const Field& field_;
  FieldKind kind_;
  Operator op_;
  const Plan& plan_;
  std::vector<ExpressionError>& errors_;
};

}  // namespace

std::optional<CompiledCondition> compile_field_condition(const ExpressionNode& node, const Plan& plan,
                                                         std::vector<ExpressionError>& errors) {
  std::string what;
  std::string hint;
  const std::optional<FieldPlace> place = find_place(plan, node.field, what, hint);
  if (!place) {
    if (!what.empty()) errors.push_back({node.field_at, std::move(what), std::move(hint)});
    return std::nullopt;
  }
  if (place->field->mistaken) return std::nullopt;  // an error has been reported
  std::optional<FieldPredicate> test = ConditionCompiler(node, *place, plan, errors).compile();
  if (!test) return std::nullopt;
  return CompiledCondition{*place, std::move(*test), positive(node.op).negated};
}

}  // namespace probe_run
