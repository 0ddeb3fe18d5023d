// What the decoder printed of a record, held against what the C compiler read in it.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "oracle/value.h"

namespace test {

// One record of the oracle; see oracle.h for its passes.
struct Testimony {
  std::string record;         // the name of its struct
  std::size_t type_size = 0;  // sizeof
  std::string bytes;          // a record of at least that
  Value values, notes, ends;  // trees of one shape
};

// What the compiler that wrote the BTF could say of enums.
enum class EnumBtf {
  full,
  // Before clang 15: no sign, and values cut to 32 bits.
  cut
};

// The first difference of each member, by "struct.member"; of an array's elements that is "struct.member[]".
using Differences = std::map<std::string, std::string>;

// Adds what differs in the first `size` bytes of the record: a member that they hold in full must have its
// value, one that they do not must be null. `got` is the JSON that was printed of them.
void compare(const Testimony& expected, const std::string& got, std::size_t size, EnumBtf btf,
             Differences& differences);

// How many members the values have: those of nested structs count too, and those of an array's elements once.
std::size_t count_members(const Value& values);

}  // namespace test
