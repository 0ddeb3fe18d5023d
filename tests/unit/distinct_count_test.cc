#include <cmath>
#include <random>
#include <set>

#include "support/catch.h"
#include "view/sketch.h"

using namespace probe_run;

namespace {

void add(DistinctCount& count, std::uint64_t value) {
  count.add(Bytes(reinterpret_cast<const std::byte*>(&value), sizeof value));
}

}  // namespace

TEST_CASE("Up to 1024 distinct values are counted exactly, however often each comes") {
  DistinctCount count;
  CHECK(count.count() == 0);
  for (int round = 0; round < 3; ++round) {
    for (std::uint64_t value = 0; value < DistinctCount::exact_limit; ++value) add(count, value);
  }
  CHECK(count.count() == 1024);
}

TEST_CASE("The exact count agrees with a set of random values") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20; ++round) {
    DistinctCount count;
    std::set<std::uint64_t> values;
    for (int i = 0; i < 1000; ++i) {
      const std::uint64_t value = random() % (1 + random() % 2000);
      add(count, value);
      values.insert(value);
    }
    CHECK(count.count() == values.size());
  }
}

TEST_CASE("Beyond 1024 values the estimate is within four times its standard error") {
  DistinctCount count;
  std::uint64_t added = 0;
  for (const std::uint64_t until :
       {1025ull, 2000ull, 5000ull, 20'000ull, 40'000ull, 60'000ull, 200'000ull, 1'000'000ull}) {
    while (added < until) add(count, added++ * 0x10001);
    CAPTURE(until, count.count());
    CHECK(std::fabs(static_cast<double>(count.count()) - static_cast<double>(until)) <
          0.032 * static_cast<double>(until));
  }
}
