#include <regex>

#include "support/catch.h"
#include "support/integer.h"

using probe_run::parse_number;

TEST_CASE("Numbers in keys are decimal, negative or hexadecimal") {
  CHECK(parse_number("0") == 0u);
  CHECK(parse_number("6") == 6u);
  CHECK(parse_number("0x1F") == 31u);
  CHECK(parse_number("0XfF") == 255u);
  CHECK(parse_number("-1") == ~std::uint64_t{0});
  CHECK(parse_number("-0") == 0u);
  CHECK(parse_number("007") == 7u);
  CHECK(parse_number("18446744073709551615") == ~std::uint64_t{0});
  CHECK(parse_number("0xffffffffffffffff") == ~std::uint64_t{0});
  CHECK(parse_number("-9223372036854775808") == std::uint64_t{1} << 63);
}

TEST_CASE("A number that does not fit in 64 bits is refused") {
  CHECK_FALSE(parse_number("18446744073709551616"));
  CHECK_FALSE(parse_number("-9223372036854775809"));
  CHECK_FALSE(parse_number("0x10000000000000000"));
}

TEST_CASE("Nothing else is a number, and the schema's pattern agrees") {
  const std::regex pattern{std::string(probe_run::number_pattern)};
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x", "-0x1", "0x-1", "--1", "x", "0b1",
                           "000000000000000000001", "0x00000000000000001", "1\n"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text));
    CHECK_FALSE(std::regex_match(text, pattern));
  }
  for (const char* text : {"0", "00000000000000000001", "0x0000000000000001", "-1", "0X1f"}) {
    CAPTURE(text);
    CHECK(parse_number(text));
    CHECK(std::regex_match(text, pattern));
  }
}
