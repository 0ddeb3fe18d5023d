// Compares the decoder's output for a record with the values that the C compiler reads in it.
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

// What the compiler that wrote the BTF could express about enums.
enum class EnumBtf {
  full,
  // Before clang 15: no sign, and values cut to 32 bits.
  cut
};

// The first difference of each member, by "struct.member"; of an array's elements that is "struct.member[]".
using Differences = std::map<std::string, std::string>;

// Adds the differences in the first `size` bytes of the record: a member that they contain in full must have
// its value, any other must be null. `got` is the JSON printed for them.
void compare(const Testimony& expected, const std::string& got, std::size_t size, EnumBtf btf,
             Differences& differences);

// The number of members of the values, including those of nested structs; those of array elements count once.
std::size_t count_members(const Value& values);

}  // namespace test
