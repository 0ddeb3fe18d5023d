#include "filter/expression_lexer.h"

#include <fmt/format.h>

#include <charconv>

#include "filter/quantity.h"
#include "support/lookalike.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == ':';
}

constexpr std::string_view keywords[] = {"and", "or", "not", "in", "glob", "has", "exists", "true", "false"};

bool is_keyword(std::string_view word) {
  for (const std::string_view keyword : keywords) {
    if (word == keyword) return true;
  }
  return false;
}

struct Symbol {
  std::string_view text;
  Token::Kind kind;
  Operator op = Operator::equal;
};
// The longer ones first.
constexpr Symbol symbols[] = {{"==", Token::Kind::comparison, Operator::equal},
                              {"!=", Token::Kind::comparison, Operator::not_equal},
                              {"<=", Token::Kind::comparison, Operator::less_equal},
                              {">=", Token::Kind::comparison, Operator::greater_equal},
                              {"=~", Token::Kind::comparison, Operator::match},
                              {"!~", Token::Kind::comparison, Operator::no_match},
                              {"&&", Token::Kind::and_},
                              {"||", Token::Kind::or_},
                              {"<", Token::Kind::comparison, Operator::less},
                              {">", Token::Kind::comparison, Operator::greater},
                              {"!", Token::Kind::not_},
                              {"(", Token::Kind::open},
                              {")", Token::Kind::close},
                              {"[", Token::Kind::list_begin},
                              {"]", Token::Kind::list_end},
                              {",", Token::Kind::comma},
                              {"|", Token::Kind::bar}};

std::string hint_for(char c) {
  switch (c) {
    case '=':
      return "use == to compare";
    case '&':
      return "use \"and\", or \"has\" for the bits of a number";
    case '~':
      return "use =~ to match a regular expression";
    default:
      return {};
  }
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | code >> 6), add(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12), add(0x80 | (code >> 6 & 0x3f)), add(0x80 | (code & 0x3f));
  } else {
    add(0xf0 | code >> 18), add(0x80 | (code >> 12 & 0x3f)), add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  }
}

// The length of "x1b" or "u{202e}" after a backslash; 0 for neither.
std::size_t numbered_escape(std::string_view rest, std::string& text) {
  std::uint32_t code = 0;
  if (rest.starts_with('x') && rest.size() >= 3) {
    const auto result = std::from_chars(rest.data() + 1, rest.data() + 3, code, 16);
    if (result.ec != std::errc() || result.ptr != rest.data() + 3) return 0;
    text += static_cast<char>(code);
    return 3;
  }
  const std::size_t close = rest.find('}');
  if (!rest.starts_with("u{") || close == std::string_view::npos || close > 8) return 0;
  const char* const end = rest.data() + close;
  const auto result = std::from_chars(rest.data() + 2, end, code, 16);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (result.ec != std::errc() || result.ptr != end || code > 0x10ffff || surrogate) return 0;
  append_utf8(text, code);
  return close + 1;
}

}  // namespace

Token ExpressionLexer::token(Token::Kind kind, std::size_t length) {
  Token token;
  token.kind = kind;
  token.at = {at_, length};
  token.text = text_.substr(at_, length);
  token.literal.at = token.at;
  token.literal.text = token.text;
  at_ += length;
  return token;
}

Token ExpressionLexer::bad(std::size_t length, std::string what, std::string hint) {
  errors_.push_back({{at_, length}, std::move(what), std::move(hint)});
  return token(Token::Kind::bad, length);
}

Token ExpressionLexer::next() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  if (at_ == text_.size()) return token(Token::Kind::end, 0);
  const char c = text_[at_];
  if (c == '\'' || c == '"') return quoted();
  if (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))
    return number(quantity_length(text_.substr(at_)));
  if (is_word_character(c)) return word();
  return symbol();
}

Token ExpressionLexer::symbol() {
  for (const Symbol& symbol : symbols) {
    if (!text_.substr(at_).starts_with(symbol.text)) continue;
    Token found = token(symbol.kind, symbol.text.size());
    found.op = symbol.op;
    return found;
  }
  const std::size_t length = next_utf8(text_.substr(at_)).length;
  if (auto found = lookalike(text_.substr(at_))) {
    const bool quote = found->what.ends_with("quote");
    return bad(length, std::move(found->what),
               quote ? "write text in straight quotes: 'bash'" : std::move(found->hint));
  }
  return bad(length, fmt::format("unexpected \"{}\"", escape_for_terminal(text_.substr(at_, length))),
             hint_for(text_[at_]));
}

Token ExpressionLexer::quoted() {
  const char quote = text_[at_];
  std::size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' ? 2U : 1U;
  if (end >= text_.size()) {
    return bad(text_.size() - at_, fmt::format("text without a closing {}", quote),
               "add the closing quote; write quotes in the text as \\' and \\\"");
  }
  Token found = token(Token::Kind::literal, end + 1 - at_);
  found.literal.kind = Literal::Kind::text;
  found.literal.text = found.text.substr(1, found.text.size() - 2);
  return found;
}

Token ExpressionLexer::word() {
  const std::string_view rest = text_.substr(at_);
  std::size_t length = 0;
  std::size_t points = 0;
  bool colon = false;
  const auto numbers_a_name = [&] {  // "calls#2"
    return length > 0 && rest[length] == '#' && length + 1 < rest.size() && is_digit(rest[length + 1]);
  };
  while (length < rest.size() && (is_word_character(rest[length]) || numbers_a_name())) {
    colon = colon || rest[length] == ':';
    points += rest[length] == '.' ? 1U : 0U;
    ++length;
  }
  const bool digit = is_digit(rest[0]);
  if (colon || (digit && points >= 2)) return address(length);
  if (digit) return number(quantity_length(rest));
  return token(Token::Kind::word, path_length(length));
}

// Includes indices, "counts[0]" and "pairs[].a", except for a keyword before a list.
std::size_t ExpressionLexer::path_length(std::size_t length) const {
  const std::string_view rest = text_.substr(at_);
  if (is_keyword(rest.substr(0, length))) return length;
  while (length < rest.size() && rest[length] == '[') {
    std::size_t end = length + 1;
    while (end < rest.size() && is_digit(rest[end])) ++end;
    if (end >= rest.size() || rest[end] != ']') break;
    length = end + 1;
    while (length < rest.size() && is_word_character(rest[length]) && rest[length] != ':') ++length;
  }
  return length;
}

Token ExpressionLexer::number(std::size_t length) {
  const std::string_view written = text_.substr(at_, length);
  std::string mistake;
  const std::optional<Quantity> quantity = parse_quantity(written, mistake);
  if (!quantity) {
    return bad(length, fmt::format("\"{}\" is not a number", escape_for_terminal(written)),
               std::move(mistake));
  }
  Token found = token(Token::Kind::literal, length);
  found.literal.kind = quantity->floating ? Literal::Kind::floating : Literal::Kind::integer;
  found.literal.negative = quantity->negative && (quantity->floating || quantity->magnitude != 0);
  found.literal.magnitude = quantity->magnitude;
  found.literal.real = quantity->real;
  found.literal.dimension = quantity->dimension;
  return found;
}

Token ExpressionLexer::address(std::size_t length) {
  const std::string_view rest = text_.substr(at_);
  if (length < rest.size() && rest[length] == '/') {
    ++length;
    while (length < rest.size() && is_word_character(rest[length])) ++length;
  }
  const std::optional<AddressBlock> block = parse_address(rest.substr(0, length));
  const std::size_t slash = rest.substr(0, length).find('/');
  if (!block && slash != std::string_view::npos) {
    if (const auto base = parse_address(rest.substr(0, slash))) {
      return bad(
          length,
          fmt::format("\"{}\" is not a block of addresses", escape_for_terminal(rest.substr(0, length))),
          fmt::format("use a prefix of at most {} bits", base->size() * 8));
    }
  }
  if (!block) {
    return bad(length, fmt::format("\"{}\" is not an address", escape_for_terminal(rest.substr(0, length))),
               "use an address such as 10.0.0.1, 10.0.0.0/8, fe80::1, 2001:db8::/32 or 02:42:ac:11:00:02");
  }
  Token found = token(Token::Kind::literal, length);
  found.literal.kind = Literal::Kind::address;
  found.literal.address = *block;
  return found;
}

bool unescape(const Literal& literal, std::string& text, std::vector<ExpressionError>& errors) {
  const std::string_view written = literal.text;
  for (std::size_t i = 0; i < written.size();) {
    if (written[i] != '\\') {
      text += written[i++];
      continue;
    }
    const std::string_view rest = written.substr(i + 1);
    static constexpr std::string_view letters = "nrt\\'\"";
    static constexpr std::string_view meanings = "\n\r\t\\'\"";
    const std::size_t known = rest.empty() ? std::string_view::npos : letters.find(rest[0]);
    const std::size_t length = known != std::string_view::npos ? 1 : numbered_escape(rest, text);
    if (length == 0) {
      errors.push_back({{literal.at.offset + 1 + i, std::min<std::size_t>(2, written.size() - i)},
                        "unknown escape sequence",
                        "use \\\\, \\', \\\", \\n, \\r, \\t, \\x1b or \\u{202e}; in a spec, write each "
                        "backslash twice"});
      return false;
    }
    if (known != std::string_view::npos) text += meanings[known];
    i += 1 + length;
  }
  return true;
}

}  // namespace probe_run
