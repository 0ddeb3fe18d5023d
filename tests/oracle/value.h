// JSON that keeps numbers as text: 128-bit numbers do not fit any type of a JSON library.
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

  const Value* find(std::string_view key) const;  // nullptr if it is not found
  const Value& at(std::string_view key) const;    // throws if it is not found

  bool operator==(const Value& other) const = default;
};

// Throws std::runtime_error if the text is not JSON.
Value parse_value(std::string_view json);

std::string to_json(const Value& value);

}  // namespace test
