#include "filter/predicate_compiler.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/utf8.h"

namespace probe_run {
namespace {

std::string digits(bool negative, Wide magnitude) {
  TextBuffer text;
  if (negative) text.append('-');
  append_wide(text, magnitude, false);
  return std::string(text.view());
}

// The range of the field.
struct Limits {
  Wide most_negative = 0;  // its magnitude
  Wide largest = 0;
};

Limits limits(const FieldKind& kind) {
  if (!kind.is_signed) return {0, kind.bits >= 128 ? ~Wide{0} : (Wide{1} << kind.bits) - 1};
  const Wide half = Wide{1} << (kind.bits - 1);
  return {half, half - 1};
}

std::string range_text(const FieldKind& kind) {
  const Limits limit = limits(kind);
  return fmt::format("{} to {}", digits(limit.most_negative != 0, limit.most_negative),
                     digits(false, limit.largest));
}

// As returned by NumberAt::load().
template <class Word>
Word biased(bool negative, Wide magnitude, Word bias) {
  const Wide value = negative ? 0 - magnitude : magnitude;
  return static_cast<Word>(value) ^ bias;
}

template <class Word>
NumberAt<Word> number_at(const Field& field, const FieldKind& kind) {
  NumberAt<Word> number;
  number.slot = slot_of(field, kind);
  number.big_endian = kind.big_endian;
  if (kind.is_signed) number.bias = Word{1} << (sizeof(Word) * 8 - 1);
  return number;
}

template <class Word>
std::optional<FieldPredicate> test_of(const Field& field, const FieldKind& kind, Operator op,
                                      const IntegerValues& values) {
  const NumberAt<Word> number = number_at<Word>(field, kind);
  const Limits limit = limits(kind);
  const Word lowest = biased(limit.most_negative != 0, limit.most_negative, number.bias);
  const Word highest = biased(false, limit.largest, number.bias);
  std::vector<Word> words;
  for (const IntegerValues::Item& item : values.items)
    words.push_back(biased(item.negative, item.magnitude, number.bias));
  const Word first = words[0];
  Word low = lowest;
  Word high = highest;
  switch (op) {
    case Operator::less:
      if (first == lowest) return std::nullopt;
      high = first - 1;
      break;
    case Operator::less_equal:
      high = first;
      break;
    case Operator::greater:
      if (first == highest) return std::nullopt;
      low = first + 1;
      break;
    case Operator::greater_equal:
      low = first;
      break;
    default:
      if (words.size() > 1) {
        std::sort(words.begin(), words.end());
        return InSet<Word>{number, std::move(words)};
      }
      low = high = first;
  }
  return InRange<Word>{number, low, static_cast<Word>(high - low)};
}

// Compares the double nearest to a whole number with it: below, equal, above.
int nearest_side(double nearest, Wide magnitude) {
  constexpr double end = 0x1p128;
  if (nearest >= end) return 1;
  const Wide whole = static_cast<Wide>(nearest);
  return whole < magnitude ? -1 : whole > magnitude ? 1 : 0;
}

}  // namespace

FieldPredicate boolean_predicate(const Field& field, bool wanted) {
  InRange<std::uint64_t> test;
  test.number.slot = field.slot;
  test.low = wanted ? 1 : 0;
  test.span = wanted ? UINT64_MAX - 1 : 0;
  return test;
}

FieldPredicate nonzero_predicate(const Field& field, const FieldKind& kind) {
  if (kind.boolean) return boolean_predicate(field, true);
  if (kind.wide) {
    InRange<Wide> test;
    test.number.slot = field.slot;
    test.low = 1;
    test.span = ~Wide{0} - 1;
    return test;
  }
  InRange<std::uint64_t> test;
  test.number.slot = slot_of(field, kind);
  test.number.big_endian = kind.big_endian;
  test.low = 1;
  test.span = UINT64_MAX - 1;
  return test;
}

bool in_range(const Field& field, const FieldKind& kind, const Literal& literal, std::string_view path,
              std::vector<ExpressionError>& errors) {
  const Limits limit = limits(kind);
  if (literal.magnitude <= (literal.negative ? limit.most_negative : limit.largest)) return true;
  const std::string number = digits(literal.negative, literal.magnitude);
  const std::string written = escape_for_terminal(literal.text);
  errors.push_back(
      {literal.at,
       fmt::format("\"{}\" is never {}{}", path, written, number == written ? "" : " (" + number + ")"),
       fmt::format("it is {}, from {}", describe(field, kind), range_text(kind))});
  return false;
}

std::optional<FieldPredicate> integer_predicate(const Field& field, const FieldKind& kind, Operator op,
                                                const IntegerValues& values, const ExpressionNode& node,
                                                std::vector<ExpressionError>& errors) {
  auto test =
      kind.wide ? test_of<Wide>(field, kind, op, values) : test_of<std::uint64_t>(field, kind, op, values);
  if (!test) {
    errors.push_back({node.op_at,
                      fmt::format("this is never true: \"{}\" ranges from {}", node.field, range_text(kind)),
                      op == Operator::less ? "did you mean <=?" : "did you mean >=?"});
  }
  return test;
}

FloatIs::Order float_order(Operator op) {
  switch (op) {
    case Operator::less:
      return FloatIs::Order::less;
    case Operator::less_equal:
      return FloatIs::Order::less_equal;
    case Operator::greater:
      return FloatIs::Order::greater;
    case Operator::greater_equal:
      return FloatIs::Order::greater_equal;
    default:
      return FloatIs::Order::equal;
  }
}

bool add_float(const Field& field, Operator op, const Literal& literal, std::string_view path, FloatIs& test,
               std::vector<ExpressionError>& errors) {
  test.order = float_order(op);
  if (literal.kind == Literal::Kind::floating) {
    // With the precision in which the field is shown, so that shown values can be compared with.
    test.values.push_back(field.size <= sizeof(float) ? static_cast<double>(static_cast<float>(literal.real))
                                                      : literal.real);
    return true;
  }
  const auto nearest = static_cast<double>(literal.magnitude);
  const int magnitude_side = nearest_side(nearest, literal.magnitude);
  const int side = literal.negative ? -magnitude_side : magnitude_side;
  test.values.push_back(literal.negative ? -nearest : nearest);
  if (side == 0) return true;
  using Order = FloatIs::Order;
  switch (test.order) {
    case Order::equal:
      errors.push_back({literal.at,
                        fmt::format("\"{}\" is never exactly {}: it is a floating-point number", path,
                                    escape_for_terminal(literal.text)),
                        "compare it with a range, using < and >"});
      return false;
    case Order::less:
    case Order::less_equal:
      test.order = side < 0 ? Order::less_equal : Order::less;
      return true;
    case Order::greater:
    case Order::greater_equal:
      test.order = side < 0 ? Order::greater : Order::greater_equal;
      return true;
  }
  return true;
}

TextIs text_predicate(const Field& field, const FieldKind& kind) {
  TextIs test;
  test.rendered = field.shape != Shape::text;
  test.frames = kind.frames;
  return test;
}

FieldPredicate equal_predicate(TextIs test, std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  test.wanted = TextIs::Equal{std::move(texts)};
  return test;
}

FieldPredicate ordered_predicate(TextIs test, FloatIs::Order order, std::string text) {
  test.wanted = TextIs::Ordered{order, std::move(text)};
  return test;
}

std::optional<FieldPredicate> glob_predicate(TextIs test, const std::vector<Literal>& patterns,
                                             std::vector<ExpressionError>& errors) {
  std::vector<Glob> globs;
  bool good = true;
  for (const Literal& pattern : patterns) {
    Glob::Mistake mistake;
    globs.push_back(Glob::compile(pattern.text, mistake));
    if (mistake.length == 0) continue;
    good = false;
    errors.push_back(
        {{pattern.at.offset + 1 + mistake.offset, mistake.length},
         fmt::format("not a pattern: {}", mistake.what),
         "use * for any text, ? for any character, [a-z] for one of a range; in a spec, write each backslash twice"});
  }
  if (!good) return std::nullopt;
  test.wanted = std::move(globs);
  return test;
}

std::optional<FieldPredicate> regex_predicate(TextIs test, const Literal& pattern,
                                              std::vector<ExpressionError>& errors) {
  Regex::Mistake mistake;
  Regex regex = Regex::compile(pattern.text, mistake);
  if (mistake.length != 0) {
    errors.push_back({{pattern.at.offset + 1 + mistake.offset,
                       std::min(mistake.length, std::max<std::size_t>(pattern.text.size(), 1))},
                      fmt::format("not a regular expression: {}", escape_for_terminal(mistake.what)),
                      "use the syntax of RE2; in a spec, write each backslash twice"});
    return std::nullopt;
  }
  test.wanted = std::move(regex);
  return test;
}

namespace {

class AddressTest {
 public:
  AddressTest(const Field& field, const FieldKind& kind, Operator op, const ExpressionNode& node,
              std::vector<ExpressionError>& errors)
      : field_(field), kind_(kind), op_(op), node_(node), errors_(errors) {}

  std::optional<FieldPredicate> compile() {
    if (op_ != Operator::equal && op_ != Operator::in) {
      return error(node_.op_at, fmt::format("addresses cannot be compared with {}", to_text(node_.op)),
                   "use == or in, such as in 10.0.0.0/8");
    }
    InBlock test;
    bool good = true;
    for (const Literal& value : node_.values) good = add(value, test) && good;
    if (!good) return std::nullopt;
    return test;
  }

 private:
  std::nullopt_t error(ExpressionPlace at, std::string what, std::string hint) {
    errors_.push_back({at, std::move(what), std::move(hint)});
    return std::nullopt;
  }

  std::string_view wanted() const {
    if (kind_.mac) return "an Ethernet address such as 02:42:ac:11:00:02";
    return field_.size == 4 ? "an IPv4 address such as 10.0.0.1" : "an IPv6 address such as fe80::1";
  }

  bool add(const Literal& value, InBlock& test) {
    const std::string written = escape_for_terminal(value.text);
    std::optional<AddressBlock> block;
    if (value.kind == Literal::Kind::address) block = value.address;
    if (value.kind == Literal::Kind::text) block = parse_address(value.text);
    if (!block) {
      error(value.at, fmt::format("\"{}\" is an address and is never {}", node_.field, written),
            fmt::format("compare it with {}", wanted()));
      return false;
    }
    const AddressBlock base = block->base();
    if (!(base == *block)) {
      error(value.at, fmt::format("{} has bits set after its prefix", written),
            fmt::format("write the block as {}", to_text(base)));
      return false;
    }
    if (block->kind == AddressBlock::Kind::ipv4 && !kind_.mac && field_.size == 16)
      block = mapped_to_ipv6(*block);
    if (block->size() != field_.size) {
      error(value.at, fmt::format("\"{}\" has {} bytes and is never {}", node_.field, field_.size, written),
            fmt::format("compare it with {}", wanted()));
      return false;
    }
    if (block->has_prefix && op_ == Operator::equal) {
      error(value.at, fmt::format("{} is a block of addresses, not an address", written),
            fmt::format("write \"in {}\"", written));
      return false;
    }
    test.blocks.push_back(*block);
    return true;
  }

  const Field& field_;
  const FieldKind& kind_;
  Operator op_;
  const ExpressionNode& node_;
  std::vector<ExpressionError>& errors_;
};

}  // namespace

std::optional<FieldPredicate> address_predicate(const Field& field, const FieldKind& kind, Operator op,
                                                const ExpressionNode& node,
                                                std::vector<ExpressionError>& errors) {
  return AddressTest(field, kind, op, node, errors).compile();
}

}  // namespace probe_run
