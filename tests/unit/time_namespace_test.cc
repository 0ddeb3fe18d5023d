#include "support/time_namespace.h"

#include <cstdlib>

#include "support/catch.h"
#include "support/clock.h"

using namespace probe_run;

TEST_CASE("The offsets of a time namespace are read from the kernel's text") {
  const ClockOffsets offsets =
      parse_clock_offsets("monotonic        5000 250000000\nboottime        -9000         1\n");
  CHECK(offsets.monotonic == 5'000'250'000'000);
  CHECK(offsets.boottime == -8'999'999'999'999);
  for (const char* text :
       {"", "monotonic", "monotonic x 0", "boottime 99999999999 0\n", "\n\nother 1 2", "monotonic 1"}) {
    INFO(text);
    CHECK(parse_clock_offsets(text).monotonic == 0);
    CHECK(parse_clock_offsets(text).boottime == 0);
  }
}

TEST_CASE("The time that the machine slept is the difference of its clocks") {
  const std::int64_t slept = slept_ns({});
  const std::int64_t about = clock_ns(CLOCK_BOOTTIME) - clock_ns(CLOCK_MONOTONIC);
  CHECK(std::abs(slept - about) < 10'000'000'000);
  CHECK(std::abs(slept_ns({500, 300}) - (slept + 200)) < 10'000'000'000);
}
