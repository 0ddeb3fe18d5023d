#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "support/catch.h"
#include "view/sketch.h"

using namespace probe_run;

namespace {

// The value of the nearest rank.
template <class T>
T exact(const std::vector<T>& sorted, double percent) {
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

}  // namespace

TEST_CASE("Percentiles of few small numbers are exact") {
  QuantileSketch sketch;
  for (std::uint64_t i = 1; i <= 100; ++i) sketch.add(Integer{false, i});
  for (const double percent : {0.0, 1.0, 50.0, 99.0, 99.9, 100.0}) {
    CAPTURE(percent);
    CHECK(static_cast<std::uint64_t>(sketch.integer_at(percent).magnitude) ==
          static_cast<std::uint64_t>(std::max(std::ceil(percent), 1.0)));
  }
}

TEST_CASE("Percentiles of random integers are within 1 % of the exact ones") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 30; ++round) {
    QuantileSketch sketch;
    std::vector<std::int64_t> values(1 + random() % 3000);
    const unsigned shift = static_cast<unsigned>(random() % 62);
    for (std::int64_t& value : values) {
      value = static_cast<std::int64_t>(random() >> (1 + shift % (1 + random() % 62)));
      if (round % 2 == 0 && random() % 2 == 0) value = -value;
      sketch.add(Integer::of(static_cast<Wide>(SignedWide{value}), true));
    }
    std::sort(values.begin(), values.end());
    for (const double percent : {0.0, 0.1, 5.0, 25.0, 50.0, 75.0, 99.0, 99.9, 100.0}) {
      const auto wanted = static_cast<double>(exact(values, percent));
      const auto got = static_cast<double>(static_cast<SignedWide>(sketch.integer_at(percent).value()));
      CAPTURE(round, percent, wanted, got);
      CHECK(std::fabs(got - wanted) <= 0.01 * std::fabs(wanted));
    }
  }
}

TEST_CASE("Percentiles of random floating-point numbers are within 1 % of the exact ones") {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> exponent(-60, 120);
  for (int round = 0; round < 20; ++round) {
    QuantileSketch sketch;
    std::vector<double> values(1 + random() % 2000);
    for (double& value : values) {
      value = std::exp2(exponent(random));
      if (random() % 3 == 0) value = -value;
      sketch.add(value);
    }
    std::sort(values.begin(), values.end());
    for (const double percent : {0.0, 1.0, 33.3, 50.0, 90.0, 99.9, 100.0}) {
      const double wanted = exact(values, percent);
      CAPTURE(round, percent, wanted);
      CHECK(std::fabs(sketch.real_at(percent) - wanted) <= 0.01 * std::fabs(wanted));
    }
  }
}

TEST_CASE("A sketch accepts the extremes of 128 bits and of doubles, in its stated memory") {
  QuantileSketch wide;
  wide.add(Integer{false, ~Wide{0}});
  wide.add(Integer{false, 0});
  wide.add(Integer{true, Wide{1} << 127});
  CHECK(wide.integer_at(0).negative);
  CHECK(wide.integer_at(50).magnitude == 0);
  CHECK(wide.integer_at(100).magnitude == ~Wide{0});
  QuantileSketch real;
  for (const double value : {0.0, -0.0, std::numeric_limits<double>::denorm_min(),
                             std::numeric_limits<double>::max(), -std::numeric_limits<double>::infinity()}) {
    real.add(value);
  }
  CHECK(std::isinf(real.real_at(0)));
  CHECK(real.real_at(50) == 0);
  CHECK(real.real_at(100) == std::numeric_limits<double>::max());
}
