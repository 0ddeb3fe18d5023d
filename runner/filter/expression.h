// Parses the language of "where", before the fields are known.
//
//     expression = term { ("or" | "||") term }
//     term       = factor { ("and" | "&&") factor }
//     factor     = { "not" | "!" } ( "(" expression ")" | "exists" "(" FIELD ")" | condition )
//     condition  = FIELD | FIELD operator VALUE | VALUE comparison FIELD
//                | FIELD ["not"] "in" ( VALUE | "[" VALUE { "," VALUE } "]" )
//                | FIELD ["not"] "glob" TEXT | FIELD ["not"] "has" NAME { "|" NAME }
//     operator   = comparison | "=~" | "!~"
//     comparison = "==" | "!=" | "<" | "<=" | ">" | ">="
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decode/field_value.h"
#include "decode/renderers/unit.h"
#include "support/address_block.h"

namespace probe_run {

// A mistake in an expression, or a part of one.
struct ExpressionPlace {
  std::size_t offset = 0, length = 0;  // bytes in the expression
};
struct ExpressionError {
  ExpressionPlace at;
  std::string what, hint;
};

struct Literal {
  enum class Kind : std::uint8_t {
    integer,   // decimal, hexadecimal, or with a unit
    floating,  // with a decimal point or an exponent
    boolean,
    text,     // quoted
    address,  // an IP address, a block of them, or an Ethernet address
    word      // without quotes: the name of a value, or a field
  };
  Kind kind = Kind::integer;
  ExpressionPlace at;
  bool negative = false;
  Wide magnitude = 0;
  Dimension dimension = Dimension::none;  // of the unit of an integer
  double real = 0;
  bool truth = false;
  std::string_view text;  // as written: the text between the quotes, or the word
  AddressBlock address;
};

enum class Operator : std::uint8_t {
  is_true,  // a field alone
  exists,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  match,
  no_match,
  in,
  not_in,
  glob,
  not_glob,
  has,
  has_not
};
std::string_view to_text(Operator op);  // as it is written

struct ExpressionNode {
  enum class Kind : std::uint8_t { all_of, any_of, negation, condition };
  Kind kind = Kind::condition;
  std::vector<std::uint32_t> parts;  // nodes; one for a negation

  // For a condition.
  Operator op = Operator::is_true;
  ExpressionPlace op_at;
  std::string_view field;
  ExpressionPlace field_at;
  std::vector<Literal> values;
};

// Nodes refer to the text that was parsed.
struct Expression {
  std::vector<ExpressionNode> nodes;
  std::uint32_t root = 0;
};

inline constexpr std::size_t longest_expression = 65'536;  // bytes
inline constexpr unsigned deepest_expression = 64;         // nested parentheses

// False if at least one error was added.
bool parse_expression(std::string_view text, Expression& expression, std::vector<ExpressionError>& errors);

}  // namespace probe_run
