#include "support/duration.h"

#include <limits>
#include <regex>

#include "support/catch.h"

using namespace probe_run;
using namespace std::chrono_literals;

TEST_CASE("Durations are a number with a unit") {
  const auto means = [](std::string_view text, Duration expected) {
    CAPTURE(std::string(text));
    REQUIRE(parse_duration(text).has_value());
    CHECK(parse_duration(text)->count() == expected.count());
  };
  means("1ns", 1ns);
  means("250us", 250us);
  means("500ms", 500ms);
  means("1s", 1s);
  means("1.5s", 1500ms);
  means("0.25ms", 250us);
  means("2m", 2min);
  means("24h", 24h);
  means("0s", 0s);
  means("007s", 7s);
}

TEST_CASE("Text that is not a duration is refused, and the schema's pattern agrees") {
  const std::regex pattern{std::string(duration_pattern)};
  for (const std::string text :
       {"",     "1",  "s",   "ms",  "-1s",    "+1s",  " 1s",  "1s ",  "1 s",  "1S",  "1sec",
        "1s1s", "1d", "1.s", ".5s", "1.2.3s", "1e3s", "0x1s", "nans", "infs", "1,5s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
    CHECK_FALSE(std::regex_match(text, pattern));
  }
}

TEST_CASE("A duration that overflows is refused") {
  CHECK_FALSE(parse_duration("99999999999999999999s"));
  CHECK_FALSE(parse_duration("2562048h"));
  CHECK_FALSE(parse_duration(std::string(1000, '9') + "s"));
  CHECK(parse_duration("2500000h"));
}

TEST_CASE("Durations are printed in the largest unit with few decimals") {
  CHECK(to_text(0ns) == "0s");
  CHECK(to_text(1ns) == "1ns");
  CHECK(to_text(1500ns) == "1.5us");
  CHECK(to_text(500ms) == "500ms");
  CHECK(to_text(1s) == "1s");
  CHECK(to_text(1500ms) == "1.5s");
  CHECK(to_text(90s) == "1.5m");
  CHECK(to_text(24h) == "24h");
  CHECK(to_text(1s + 1ns) == "1000000.001us");
}

TEST_CASE("A printed duration parses as the same duration") {
  for (const Duration duration : {1ns, 999ns, 1001ns, 123456ns, 1'000'000'007ns, 3'600'000'000'001ns}) {
    CAPTURE(duration.count(), to_text(duration));
    REQUIRE(parse_duration(to_text(duration)).has_value());
    CHECK(parse_duration(to_text(duration))->count() == duration.count());
  }
}

TEST_CASE("The longest duration is printed to the nanosecond") {
  CHECK(to_text(Duration(std::numeric_limits<std::int64_t>::max())) == "9223372036854775.807us");
}
