// A JSON value with its position in the file.
//
// Used for a spec's free-form parts (the values of globals and parameters). nlohmann/json only tokenizes, and is not
// used outside of this room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "support/source_text.h"

namespace probe_run {

struct Member;

struct Value {
  struct Null {};
  struct Unknown {};  // a parameter without a value, already reported
  struct BigNumber {  // an integer beyond 64 bits, as written
    std::string digits;
  };
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;

  std::variant<Null, Unknown, bool, std::int64_t, std::uint64_t, double, BigNumber, std::string, Array,
               Object>
      data;
  Span at;

  // "a string", "a number", ...: for messages.
  std::string_view kind() const;
};

struct Member {
  Located<std::string> key;
  Value value;
};

}  // namespace probe_run
