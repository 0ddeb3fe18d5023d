// Splits an expression into tokens.
#pragma once

#include <optional>

#include "filter/expression.h"

namespace probe_run {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    bad,      // already reported
    word,     // a field's path or a keyword
    literal,  // a number, a quoted text, an address
    comparison,
    and_,
    or_,
    not_,
    open,
    close,
    list_begin,
    list_end,
    comma,
    bar
  };
  Kind kind = Kind::end;
  ExpressionPlace at;
  std::string_view text;
  Literal literal;
  Operator op = Operator::equal;  // of a comparison

  bool is_word(std::string_view word) const { return kind == Kind::word && text == word; }
};

class ExpressionLexer {
 public:
  ExpressionLexer(std::string_view text, std::vector<ExpressionError>& errors)
      : text_(text), errors_(errors) {}

  Token next();

 private:
  Token token(Token::Kind kind, std::size_t length);
  Token bad(std::size_t length, std::string what, std::string hint);
  Token symbol();
  Token quoted();
  Token word();
  Token number(std::size_t length);
  Token address(std::size_t length);
  std::size_t path_length(std::size_t length) const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<ExpressionError>& errors_;
};

// The text of a quoted literal with its escapes resolved. False if an error was added.
bool unescape(const Literal& literal, std::string& text, std::vector<ExpressionError>& errors);

}  // namespace probe_run
