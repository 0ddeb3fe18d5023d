// JSON that keeps numbers as they were written: those of 128 bits fit no type of a JSON library.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

struct Value {
  enum class Kind { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  std::string text;  // "true"; digits; a string's content
  std::vector<Value> items;
  std::vector<std::pair<std::string, Value>> members;  // in order

  const Value* find(std::string_view key) const;  // nullptr when there is none
  const Value& at(std::string_view key) const;    // throws when there is none

  bool operator==(const Value& other) const = default;
};

// Throws std::runtime_error on what is no JSON.
Value parse_value(std::string_view json);

std::string to_json(const Value& value);

}  // namespace test
