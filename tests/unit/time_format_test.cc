#include "decode/time_format.h"

#include <cstdlib>
#include <limits>

#include "support/catch.h"
#include "support/error.h"

using namespace probe_run;

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t november = 1'700'000'000 * second + 123'456'789;  // 2023-11-14 22:13:20 UTC, a Tuesday

// Local time is UTC during its lifetime.
class InUtc {
 public:
  InUtc() { set("UTC"); }
  ~InUtc() {
    ::unsetenv("TZ");
    ::tzset();
  }
  InUtc(const InUtc&) = delete;
  InUtc& operator=(const InUtc&) = delete;
  static void set(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
};

std::string formatted(std::string_view pattern, std::int64_t wall) {
  TimeFormat format(pattern);
  TextBuffer out;
  format.append(out, wall);
  return std::string(out.view());
}

std::string utc(std::int64_t wall) {
  TextBuffer out;
  append_utc(out, wall);
  return std::string(out.view());
}

}  // namespace

TEST_CASE("A time pattern has the conversions of strftime") {
  const InUtc zone;
  CHECK(formatted("%H:%M:%S", november) == "22:13:20");
  CHECK(formatted("%Y-%m-%d", november) == "2023-11-14");
  CHECK(formatted("%a %b %e", november) == "Tue Nov 14");
  CHECK(formatted("%T%z", november) == "22:13:20+0000");
  CHECK(formatted("%s", november) == "1700000000");
  CHECK(formatted("100%% at %H", november) == "100% at 22");
}

TEST_CASE("A time pattern has fractions of a second") {
  const InUtc zone;
  CHECK(formatted("%L", november) == "123");
  CHECK(formatted("%f", november) == "123456");
  CHECK(formatted("%N", november) == "123456789");
  CHECK(formatted("%H:%M:%S.%L!", november) == "22:13:20.123!");
  CHECK(formatted("%S.%L.%f.%N", 5 * second + 7) == "05.000.000000.000000007");
}

TEST_CASE("A percent sign before a fraction's letter is not a fraction") {
  CHECK(formatted("%%L", november) == "%L");
}

TEST_CASE("Times are local") {
  const InUtc zone;
  InUtc::set("XYZ-5:30");
  CHECK(formatted("%H:%M %Z", november) == "03:43 XYZ");
}

TEST_CASE("A time format can be used many times") {
  const InUtc zone;
  TimeFormat format("%S.%L ");
  TextBuffer out;
  for (const std::int64_t wall : {0 * second, 1 * second, 1 * second + 5'000'000, 0 * second, -second})
    format.append(out, wall);
  CHECK(out.view() == "00.000 01.000 01.005 00.000 59.000 ");
}

TEST_CASE("A time before 1970 has a positive fraction") {
  const InUtc zone;
  CHECK(formatted("%Y %H:%M:%S.%N", -1) == "1969 23:59:59.999999999");
  CHECK(formatted("%S.%L", -1'500'000'000) == "58.500");
}

TEST_CASE("Every time can be formatted") {
  const InUtc zone;
  CHECK(formatted("%Y", std::numeric_limits<std::int64_t>::max()) == "2262");
  CHECK(formatted("%Y", std::numeric_limits<std::int64_t>::min()) == "1677");
}

TEST_CASE("An invalid time pattern is refused") {
  for (const std::string pattern : {"%", "%H:%", "%Q", "%E", "%-d", "%1", "% H", "%n", "%\x1b"}) {
    CAPTURE(pattern);
    CHECK_THROWS_AS(TimeFormat(pattern), Error);
  }
  CHECK_THROWS_WITH(TimeFormat("%H %Q"), "invalid time format \"%Q\"");
}

TEST_CASE("A time pattern whose text is too long is refused") {
  CHECK_THROWS_AS(TimeFormat(std::string(64, 'x')), Error);
  CHECK_NOTHROW(TimeFormat(std::string(60, 'x')));
}

TEST_CASE("A time pattern that is accepted prints on every day of the week") {
  const InUtc zone;
  for (std::size_t length = 40; length < 64; ++length) {
    const std::string pattern = "%A" + std::string(length, 'x');
    try {
      TimeFormat format(pattern);
    } catch (const Error&) {
      continue;
    }
    for (std::int64_t day = 0; day < 7; ++day) {
      CAPTURE(length, day);
      CHECK_FALSE(formatted(pattern, day * 86400 * second).empty());
    }
  }
}

TEST_CASE("UTC has nine digits of a second and a Z") {
  CHECK(utc(0) == "1970-01-01T00:00:00.000000000Z");
  CHECK(utc(november) == "2023-11-14T22:13:20.123456789Z");
  CHECK(utc(-1) == "1969-12-31T23:59:59.999999999Z");
  CHECK(utc(1'709'164'800 * second) == "2024-02-29T00:00:00.000000000Z");
  CHECK(utc(std::numeric_limits<std::int64_t>::max()) == "2262-04-11T23:47:16.854775807Z");
  CHECK(utc(std::numeric_limits<std::int64_t>::min()) == "1677-09-21T00:12:43.145224192Z");
}
