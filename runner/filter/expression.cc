#include "filter/expression.h"

#include <fmt/format.h>

#include <optional>

#include "filter/expression_hints.h"
#include "filter/expression_lexer.h"
#include "filter/quantity.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

using Kind = Token::Kind;
using NodeKind = ExpressionNode::Kind;

class Parser {
 public:
  Parser(std::string_view text, Expression& out, std::vector<ExpressionError>& errors)
      : text_(text), lexer_(text, errors), out_(out), errors_(errors) {
    advance();
  }

  bool parse() {
    const auto root = any_of();
    if (!root) return false;
    if (token_.kind == Kind::bad) return false;
    if (token_.kind != Kind::end) {
      error(token_.at, unexpected(), after_condition());
      return false;
    }
    out_.root = *root;
    return true;
  }

 private:
  using Node = std::optional<std::uint32_t>;  // nullopt: a mistake, already reported

  void advance() {
    previous_end_ = token_.at.offset + token_.at.length;
    previous_ = token_;
    token_ = lexer_.next();
  }

  void error(ExpressionPlace at, std::string what, std::string hint) {
    errors_.push_back({at, std::move(what), std::move(hint)});
  }

  std::string unexpected() const {
    if (token_.kind == Kind::end) return "the expression ends here";
    return fmt::format("\"{}\" is not expected here", escape_for_terminal(token_.text));
  }

  // Something else is needed in the place of the token.
  Node expected(std::string_view what) {
    if (token_.kind == Kind::bad) return std::nullopt;  // already reported
    ExpressionPlace at = token_.at;
    // At the end of the text, points at its last character.
    if (token_.kind == Kind::end && previous_end_ > 0) at = {previous_end_ - 1, 1};
    error(at, unexpected(), fmt::format("write {} here", what));
    return std::nullopt;
  }

  std::string after_condition() const {
    if (token_.kind == Kind::open && previous_.kind == Kind::word)
      return instead_of_call(text_, previous_.text, token_.at.offset);
    if (token_.kind == Kind::word && previous_.kind == Kind::literal) {
      const std::string joined = std::string(previous_.text) + std::string(token_.text);
      std::string mistake;
      if (is_digit(previous_.text.back()) && parse_quantity(joined, mistake))
        return fmt::format("write the unit without a space: {}", joined);
    }
    if (token_.kind == Kind::comparison) return "join two comparisons with \"and\" or \"or\"";
    if (token_.kind == Kind::close) return "remove it, or add the missing \"(\"";
    if (token_.kind == Kind::word) {
      const std::size_t end = token_.at.offset + token_.at.length;
      if (std::string hint = instead_of_word(text_, previous_.text, token_.text, end); !hint.empty())
        return hint;
      static constexpr std::string_view words[] = {"and", "or", "in", "glob", "has", "not"};
      const std::string_view near = nearest(token_.text, words);
      if (!near.empty()) return fmt::format("did you mean \"{}\"?", near);
    }
    return "join conditions with \"and\" or \"or\"";
  }

  std::uint32_t add(ExpressionNode node) {
    out_.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(out_.nodes.size() - 1);
  }

  template <class Next>
  Node joined(NodeKind kind, Kind symbol, std::string_view word, Next next) {
    const Node first = next();
    if (!first) return std::nullopt;
    ExpressionNode node;
    node.kind = kind;
    node.parts.push_back(*first);
    while (token_.kind == symbol || token_.is_word(word)) {
      advance();
      const Node part = next();
      if (!part) return std::nullopt;
      node.parts.push_back(*part);
    }
    return node.parts.size() == 1 ? first : add(std::move(node));
  }

  Node any_of() {
    return joined(NodeKind::any_of, Kind::or_, "or", [this] { return all_of(); });
  }
  Node all_of() {
    return joined(NodeKind::all_of, Kind::and_, "and", [this] { return factor(); });
  }

  Node factor() {
    bool negated = false;
    while (token_.kind == Kind::not_ || token_.is_word("not")) {
      negated = !negated;
      advance();
    }
    const Node inner = token_.kind == Kind::open ? parenthesised() : condition();
    if (!inner || !negated) return inner;
    ExpressionNode node;
    node.kind = NodeKind::negation;
    node.parts.push_back(*inner);
    return add(std::move(node));
  }

  Node parenthesised() {
    const ExpressionPlace open = token_.at;
    if (++depth_ > deepest_expression) {
      error(open, "the parentheses are nested too deeply",
            fmt::format("use at most {} levels", deepest_expression));
      return std::nullopt;
    }
    advance();
    const Node inner = any_of();
    if (!inner) return std::nullopt;
    if (token_.kind == Kind::end) {
      error(open, "\"(\" without \")\"", "");
      return std::nullopt;
    }
    if (token_.kind != Kind::close) {
      if (token_.kind != Kind::bad) error(token_.at, unexpected(), after_condition());
      return std::nullopt;
    }
    advance();
    --depth_;
    return inner;
  }

  Node condition() {
    if (token_.kind == Kind::literal || token_.is_word("true") || token_.is_word("false")) return mirrored();
    if (token_.kind != Kind::word || token_.is_word("and") || token_.is_word("or"))
      return expected("a field, such as pid,");
    ExpressionNode node;
    node.field = token_.text;
    node.field_at = token_.at;
    advance();
    if (node.field == "exists" && token_.kind == Kind::open) return exists();
    node.op_at = token_.at;
    if (token_.kind == Kind::comparison) {
      node.op = token_.op;
      advance();
      return one_value(std::move(node));
    }
    const bool negated = token_.is_word("not");
    if (negated) advance();
    if (token_.is_word("in")) {
      node.op = negated ? Operator::not_in : Operator::in;
    } else if (token_.is_word("glob")) {
      node.op = negated ? Operator::not_glob : Operator::glob;
    } else if (token_.is_word("has")) {
      node.op = negated ? Operator::has_not : Operator::has;
    } else if (negated) {
      return expected("in, glob or has");
    } else {
      node.op_at = node.field_at;
      return add(std::move(node));
    }
    node.op_at.length = token_.at.offset + token_.at.length - node.op_at.offset;
    advance();
    if (token_.kind == Kind::list_begin) return list(std::move(node));
    if (node.op == Operator::has || node.op == Operator::has_not) return names(std::move(node));
    return one_value(std::move(node));
  }

  Node exists() {
    advance();
    if (token_.kind != Kind::word) return expected("a field");
    ExpressionNode node;
    node.op = Operator::exists;
    node.field = token_.text;
    node.field_at = node.op_at = token_.at;
    advance();
    if (token_.kind != Kind::close) return expected("\")\"");
    advance();
    return add(std::move(node));
  }

  bool value(ExpressionNode& node) {
    Literal literal = token_.literal;
    if (token_.is_word("true") || token_.is_word("false")) {
      literal.kind = Literal::Kind::boolean;
      literal.truth = token_.is_word("true");
    } else if (token_.kind == Kind::word) {
      literal.kind = Literal::Kind::word;
    } else if (token_.kind != Kind::literal) {
      expected("a value, such as 42 or 'text',");
      return false;
    }
    node.values.push_back(literal);
    advance();
    return true;
  }

  Node one_value(ExpressionNode node) {
    if (token_.kind == Kind::list_begin) {
      error(token_.at, fmt::format("{} takes one value, not a list", to_text(node.op)),
            "use \"in\" or \"not in\" before a list");
      return std::nullopt;
    }
    if (!value(node)) return std::nullopt;
    return add(std::move(node));
  }

  Node list(ExpressionNode node) {
    advance();
    for (;;) {
      if (!value(node)) return std::nullopt;
      if (token_.kind == Kind::list_end) break;
      if (token_.kind != Kind::comma) return expected("\",\" or \"]\"");
      advance();
    }
    advance();
    return add(std::move(node));
  }

  Node names(ExpressionNode node) {
    if (!value(node)) return std::nullopt;
    while (token_.kind == Kind::bar) {
      advance();
      if (!value(node)) return std::nullopt;
    }
    return add(std::move(node));
  }

  // "10ms < took" is "took > 10ms".
  Node mirrored() {
    ExpressionNode node;
    const ExpressionPlace at = token_.at;
    if (!value(node)) return std::nullopt;
    if (token_.kind != Kind::comparison || token_.op == Operator::match || token_.op == Operator::no_match) {
      error(at, "a value alone is not a condition", "begin with a field: pid == 42");
      return std::nullopt;
    }
    node.op_at = token_.at;
    switch (token_.op) {
      case Operator::less:
        node.op = Operator::greater;
        break;
      case Operator::less_equal:
        node.op = Operator::greater_equal;
        break;
      case Operator::greater:
        node.op = Operator::less;
        break;
      case Operator::greater_equal:
        node.op = Operator::less_equal;
        break;
      default:
        node.op = token_.op;
    }
    advance();
    if (token_.kind != Kind::word) return expected("a field");
    node.field = token_.text;
    node.field_at = token_.at;
    advance();
    return add(std::move(node));
  }

  std::string_view text_;
  ExpressionLexer lexer_;
  Expression& out_;
  std::vector<ExpressionError>& errors_;
  Token token_;
  Token previous_;
  std::size_t previous_end_ = 0;
  unsigned depth_ = 0;
};

}  // namespace

std::string_view to_text(Operator op) {
  switch (op) {
    case Operator::is_true:
      return "a condition";
    case Operator::exists:
      return "exists";
    case Operator::equal:
      return "==";
    case Operator::not_equal:
      return "!=";
    case Operator::less:
      return "<";
    case Operator::less_equal:
      return "<=";
    case Operator::greater:
      return ">";
    case Operator::greater_equal:
      return ">=";
    case Operator::match:
      return "=~";
    case Operator::no_match:
      return "!~";
    case Operator::in:
      return "in";
    case Operator::not_in:
      return "not in";
    case Operator::glob:
      return "glob";
    case Operator::not_glob:
      return "not glob";
    case Operator::has:
      return "has";
    case Operator::has_not:
      return "not has";
  }
  return "";
}

bool parse_expression(std::string_view text, Expression& expression, std::vector<ExpressionError>& errors) {
  if (text.size() > longest_expression) {
    errors.push_back({{0, text.size()},
                      fmt::format("the expression is too long: {} bytes", text.size()),
                      fmt::format("use at most {} bytes", longest_expression)});
    return false;
  }
  if (text.find_first_not_of(" \t\n") == std::string_view::npos) {
    errors.push_back({{0, text.size()},
                      "the expression is empty",
                      "write a condition such as \"pid == 42\", or remove it to show every row"});
    return false;
  }
  const std::size_t before = errors.size();
  const bool good = Parser(text, expression, errors).parse();
  return good && errors.size() == before;
}

}  // namespace probe_run
