#include "decode/histogram.h"

#include <cmath>
#include <limits>
#include <random>

#include "format/histogram_format.h"
#include "format/json_value.h"
#include "spec/output_spec.h"
#include "support/catch.h"
#include "unit/aggregate_table.h"
#include "view/sketch.h"

using namespace probe_run;
using test::AggregateTable;
using test::SampleRecord;

namespace {

std::string in_json(AggregateTable& table) {
  std::string text;
  table.table().for_each({}, [&](Bytes row) {
    TextBuffer out;
    append_json(table.table().plan().root.fields.back(), row, RenderContext{}, out);
    text += out.view();
  });
  return text;
}

std::string picture(AggregateTable& table) {
  auto diagnostics = test::no_diagnostics();
  HistogramFormat format({}, table.table().plan(), diagnostics);
  TextBuffer out;
  const auto add = [&](Bytes row) { format.row(row, RenderContext{}, out); };
  table.table().for_each({}, add);
  if (const auto other = table.table().other({})) add(*other);
  return test::whats(diagnostics) + std::string(out.view());
}

}  // namespace

TEST_CASE("Ranges follow one another without a gap") {
  for (const auto& ranges :
       {log2_ranges(64), exp2_ranges(65), exp2zero_ranges(65), linear_ranges(9, SignedWide{-5}, 3),
        fixed_ranges(std::vector<SignedWide>{-1, 4, 100})}) {
    for (std::size_t i = 1; i < ranges.size(); ++i) CHECK(ranges[i].low == ranges[i - 1].high + 1);
  }
  CHECK_FALSE(log2_ranges(64).back().open_high);
  CHECK(log2_ranges(27).back().open_high);
  CHECK(log2_ranges(100).size() == 64);
  CHECK_FALSE(exp2_ranges(65).back().open_high);
  CHECK(exp2_ranges(64).back().open_high);
}

TEST_CASE("Exponential buckets have the bounds of Prometheus") {
  CHECK(exponential_bound(0, 3) == 8);
  CHECK(exponential_bound(-4, 1) == 65536);
  CHECK(exponential_bound(-1, -1) == 0.25);
  CHECK(exponential_bound(1, 1) == std::sqrt(2.0));
  CHECK(exponential_bound(3, 8) == 2);
  CHECK(exponential_bound(3, -8) == 0.5);
  CHECK(std::isinf(exponential_bound(0, 5000)));
}

TEST_CASE("Each value is within the bounds of its exponential bucket, at every scale") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 40; ++round) {
    ExponentialCounts counts;
    std::uint64_t added = 0;
    std::uniform_real_distribution<double> exponent(-1 - round * 25.0, 1 + round * 25.0);
    std::vector<double> values;
    for (int i = 0; i < 200; ++i) {
      double value = std::exp2(exponent(random));
      if (random() % 4 == 0) value = std::exp2(std::floor(exponent(random)));  // a bound itself
      values.push_back(random() % 5 == 0 ? -value : value);
      count_in(counts, values.back());
      ++added;
    }
    CHECK(counts.scale >= ExponentialCounts::least_scale);
    std::uint64_t total = counts.zeros;
    for (const auto* buckets : {&counts.positive, &counts.negative}) {
      REQUIRE(buckets->used <= ExponentialCounts::most_buckets);
      const bool negative = buckets == &counts.negative;
      for (std::uint32_t i = 0; i < buckets->used; ++i) {
        const std::int32_t index = buckets->first + static_cast<std::int32_t>(i);
        const double from = exponential_bound(counts.scale, index - 1);
        const double to = exponential_bound(counts.scale, index);
        std::uint64_t within = 0;
        for (const double value : values) {
          const double size = std::fabs(value);
          if ((value < 0) == negative && size > from && size <= to) ++within;
        }
        CAPTURE(round, counts.scale, index);
        REQUIRE(within == buckets->counts[i]);
        total += within;
      }
    }
    CHECK(total == added);
  }
}

TEST_CASE("An exponential histogram covers the whole range of doubles") {
  ExponentialCounts counts;
  for (const double value :
       {0.0, std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max(),
        std::numeric_limits<double>::infinity(), -1.0}) {
    count_in(counts, value);
  }
  CHECK(counts.scale == -4);
  CHECK(counts.zeros == 1);
  CHECK(counts.positive.counts[counts.positive.used - 1] == 2);
  CHECK(counts.negative.counts[0] == 1);
}

TEST_CASE("A histogram in JSON has the non-empty ranges, the count and the sum") {
  const auto plan = test::sample_plan();
  AggregateTable empty(*plan, {"log2(latency)"});
  CHECK(in_json(empty) == R"({"buckets":[],"count":0,"sum":0})");
  AggregateTable table(*plan, {"log2(latency)"});
  table.add({.latency = 2}).add({.latency = 3}).add({.latency = 9});
  CHECK(in_json(table) == R"({"buckets":[{"from":2,"to":3,"count":2},{"from":4,"to":7,"count":0},)"
                          R"({"from":8,"to":15,"count":1}],"count":3,"sum":14})");
  AggregateTable open(*plan, {"fixed(change, 0, 10)"});
  open.add({.change = -4}).add({.change = 11});
  CHECK(
      in_json(open) ==
      R"({"buckets":[{"to":0,"count":1},{"from":1,"to":10,"count":0},{"from":11,"count":1}],"count":2,"sum":7})");
  AggregateTable exponential(*plan, {"exponential(real)"});
  exponential.add({.real = 4}).add({.real = 0});
  CHECK(in_json(exponential).find(R"("to":4,"count":1}],"count":2,"sum":4})") != std::string::npos);
}

TEST_CASE("The sum of a histogram in JSON is a number like its bounds, whatever the renderer") {
  const auto plan = test::sample_plan({{"latency", "duration"}, {"change", "duration"}});
  AggregateTable table(*plan, {"log2(latency)"});
  table.add({.latency = 2}).add({.latency = 3'000'001});
  CHECK(in_json(table).ends_with(R"("count":2,"sum":3000003})"));
  AggregateTable lost(*plan, {"fixed(change, 0)"});
  lost.add({.change = -4});
  CHECK(in_json(lost).ends_with(R"("count":1,"sum":-4})"));
}

TEST_CASE("A histogram is drawn as in bcc's tools") {
  const auto plan = test::sample_plan({{"latency", "duration"}});
  AggregateTable table(*plan, {"count", "log2(latency)"}, {&plan.field("comm")}, 1);
  for (int i = 0; i < 3; ++i) table.add({.latency = 5, .comm = "nginx"});
  table.add({.latency = 20, .comm = "nginx"});
  table.add({.latency = 1, .comm = "bash"});
  CHECK(picture(table) ==
        "comm = nginx, c0 = 4\n"
        "     c1 (ns)             : count    distribution\n"
        "         4 -> 7          : 3        |****************************************|\n"
        "         8 -> 15         : 0        |                                        |\n"
        "        16 -> 31         : 1        |*************                           |\n"
        "\n"
        "comm = (other), c0 = 1\n"
        "     c1 (ns)             : count    distribution\n"
        "         0 -> 1          : 1        |****************************************|\n");
}

TEST_CASE("The format histogram needs a histogram") {
  const auto plan = test::sample_plan();
  AggregateTable table(*plan, {"count"});
  CHECK(picture(table).starts_with("the format histogram needs a histogram\n"));
}
