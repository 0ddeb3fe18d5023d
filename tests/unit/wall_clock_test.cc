#include <limits>

#include "decode/time_format.h"
#include "support/catch.h"

using probe_run::WallClock;

namespace {

constexpr std::int64_t second = 1'000'000'000;

}  // namespace

TEST_CASE("Without an observation the clock is CLOCK_MONOTONIC itself") {
  CHECK(WallClock().at(5) == 5);
}

TEST_CASE("The first observation applies to all earlier times") {
  WallClock clock;
  clock.observe(100 * second, 1000 * second);
  CHECK(clock.at(0) == 1000 * second);
  CHECK(clock.at(200 * second) == 1200 * second);
}

TEST_CASE("A gradual correction applies to all times since the last step") {
  WallClock clock;
  for (int i = 0; i < 100; ++i) clock.observe(i * second, 1000 * second + i * 1'000'000);
  CHECK(clock.at(0) == 1000 * second + 99'000'000);
}

TEST_CASE("After a step the new offset applies, before it the old one") {
  WallClock clock;
  clock.observe(0, 1000 * second);
  clock.observe(10 * second, 5000 * second);
  CHECK(clock.at(10 * static_cast<std::uint64_t>(second) - 1) == 1010 * second - 1);
  CHECK(clock.at(10 * second) == 5010 * second);
  clock.observe(20 * second, 900 * second);
  CHECK(clock.at(15 * second) == 5015 * second);
  CHECK(clock.at(25 * second) == 925 * second);
  CHECK(clock.at(1 * second) == 1001 * second);
}

TEST_CASE("A change of 10 ms is not a step, a larger one is") {
  WallClock clock;
  clock.observe(0, 0);
  clock.observe(10, 10'000'000);
  CHECK(clock.at(5) == 10'000'005);
  clock.observe(20, 20'000'001);
  CHECK(clock.at(5) == 10'000'005);
  CHECK(clock.at(20) == 20'000'021);
}

TEST_CASE("A correction after a step does not affect times before the step") {
  WallClock clock;
  clock.observe(0, 0);
  clock.observe(10 * second, 100 * second);
  clock.observe(11 * second, 100 * second + 5);
  CHECK(clock.at(5 * second) == 5 * second);
  CHECK(clock.at(10 * second) == 110 * second + 5);
}

TEST_CASE("If there are more steps than are kept, the oldest are forgotten") {
  WallClock clock;
  for (std::int64_t i = 0; i < 40; ++i) clock.observe(i * 10 * second, i * 1000 * second);
  CHECK(clock.at(395 * second) == 39'395 * second);
  CHECK(clock.at(245 * second) == 24'245 * second);
  CHECK(clock.at(235 * second) == 24'235 * second);
  CHECK(clock.at(0) == 24'000 * second);
}

TEST_CASE("Any number is a valid time, and nothing overflows") {
  WallClock clock;
  clock.observe(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
  clock.observe(-1, std::numeric_limits<std::int64_t>::min());
  clock.observe(std::numeric_limits<std::int64_t>::max(), 0);
  CHECK(clock.at(std::numeric_limits<std::uint64_t>::max()) == -1);
}
