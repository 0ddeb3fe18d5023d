#include <limits>

#include "format/plain_value.h"
#include "support/catch.h"

using namespace probe_run;

namespace {

std::string rounded(double value) {
  TextBuffer out;
  append_rounded(out, value);
  return std::string(out.view());
}

}  // namespace

TEST_CASE("Quotients in text for people have at most three decimals") {
  CHECK(rounded(0) == "0");
  CHECK(rounded(36.00043682930049) == "36");
  CHECK(rounded(17.999475657274626) == "17.999");
  CHECK(rounded(2.5) == "2.5");
  CHECK(rounded(-1234567.8915) == "-1234567.891");
  CHECK(rounded(100) == "100");
}

TEST_CASE("Quotients that are very small, very large or not finite keep their magnitude") {
  CHECK(rounded(0.000123456) == "0.000123");
  CHECK(rounded(-0.0004) == "-0.0004");
  CHECK(rounded(1.23456e18) == "1.23e+18");
  CHECK(rounded(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(rounded(std::numeric_limits<double>::quiet_NaN()) == "nan");
}
