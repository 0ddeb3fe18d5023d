#include "format/metric_value.h"

#include "support/catch.h"

using namespace probe_run;

TEST_CASE("A scale below 1 gives the double nearest to the quotient") {
  CHECK(scaled(3, 1e-9) == 3e-9);
  CHECK(scaled(1023, 1e-6) == 1023e-6);
  CHECK(scaled(5, 0.1) == 0.5);
}

TEST_CASE("Other scales multiply") {
  CHECK(scaled(3, 0.75) == 2.25);
  CHECK(scaled(3, 8) == 24);
  CHECK(scaled(-1.5, 2) == -3);
}

TEST_CASE("A whole number without a scale stays a whole number") {
  CHECK(scaled(MetricNumber(std::uint64_t{18446744073709551615u}), 1) ==
        MetricNumber(std::uint64_t{18446744073709551615u}));
}
