#include <cmath>
#include <limits>

#include "support/catch.h"
#include "unit/aggregate_table.h"

using namespace probe_run;
using test::aggregate_mistakes;
using test::AggregateTable;
using test::SampleRecord;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

}  // namespace

TEST_CASE("Numbers of every kind are added, and averaged") {
  const auto plan = test::sample_plan();
  AggregateTable table(
      *plan, {"count", "sum(latency)", "sum(change)", "sum(small)", "sum(ok)", "sum(bits)", "sum(real)",
              "sum(wide)", "sum(change128)", "avg(latency)", "avg(change)", "avg(ok)"});
  table.add({.latency = 1,
             .change = -3,
             .small = 255,
             .ok = true,
             .bits = 31,
             .real = 0.5,
             .wide = 7,
             .change128 = -9});
  table.add({.latency = 2,
             .change = -4,
             .small = 255,
             .ok = false,
             .bits = 31,
             .real = 1,
             .wide = 8,
             .change128 = 1});
  CHECK(table.text() == "2 3 -7 510 1 62 1.5 15 -8 1.5 -3.5 0.5");
}

TEST_CASE("A sum that overflows stays at the largest number, and the average is still right") {
  const auto plan = test::sample_plan();
  AggregateTable table(*plan, {"sum(latency)", "avg(latency)", "sum(wide)", "sum(change128)"});
  const Wide most = ~Wide{0};
  const SignedWide least = static_cast<SignedWide>(Wide{1} << 127);
  table.add({.latency = largest, .wide = most, .change128 = least});
  table.add({.latency = largest, .wide = 1, .change128 = -1});
  CHECK(table.text() ==
        "18446744073709551615 1.84e+19 340282366920938463463374607431768211455 "
        "-170141183460469231731687303715884105728");
}

TEST_CASE("Sums of floating-point numbers do not lose small summands") {
  const auto plan = test::sample_plan();
  AggregateTable table(*plan, {"sum(real)"});
  table.add({.real = 1e16});
  for (int i = 0; i < 10; ++i) table.add({.real = 1});
  table.add({.real = -1e16});
  CHECK(table.text() == "10");
}

TEST_CASE("Minimum and maximum of signed, unsigned, wide and floating-point numbers") {
  const auto plan = test::sample_plan();
  AggregateTable table(*plan, {"min(latency)", "max(latency)", "min(change)", "max(change)", "min(real)",
                               "max(real)", "min(wide)", "max(change128)", "min(single)"});
  table.add(
      {.latency = largest, .change = -5, .real = -1.5, .single = 0.1f, .wide = ~Wide{0}, .change128 = -2});
  table.add(
      {.latency = 7, .change = 3, .real = 2.5, .single = 0.5f, .wide = Wide{1} << 100, .change128 = -3});
  CHECK(table.text() == "7 18446744073709551615 -5 3 -1.5 2.5 1267650600228229401496703205376 -2 0.1");
}

TEST_CASE("NaN counts as absent; an infinity is a number") {
  const auto plan = test::sample_plan();
  AggregateTable table(*plan, {"count", "sum(real)", "min(real)", "avg(real)", "median(real)", "log2(real)"});
  table.add({.real = not_a_number});
  CHECK(table.text() == "1 - - - - []");
  table.add({.real = 3});
  CHECK(table.text() == "2 3 3 3 3 [2,3]=1");
  table.add({.real = std::numeric_limits<double>::infinity()});
  CHECK(table.text() == "3 inf 3 inf 3 [2,3]=1 [9223372036854775808,...)=1");
}

TEST_CASE("A record that is too short for a field is not counted for it") {
  const auto plan = test::sample_plan();
  AggregateTable table(
      *plan, {"count", "sum(latency)", "sum(change)", "first(comm)", "distinct(comm)", "p50(change)"});
  const auto whole = SampleRecord{.latency = 5, .change = 6, .comm = "a"}.bytes();
  table.add_bytes(whole.view().first(8));
  CHECK(table.text() == "1 5 - - 0 -");
  table.add_bytes(whole.view());
  CHECK(table.text() == "2 10 6 a 1 6");
  table.add_bytes({});
  CHECK(table.text() == "3 10 6 a 1 6");
}

TEST_CASE("The first and the last value are printed as the field is") {
  const auto plan = test::sample_plan({{"latency", "duration"}});
  AggregateTable table(*plan, {"first(comm)", "last(comm)", "first(state)", "last(latency)", "last(bits)"});
  table.add({.latency = 1'500, .bits = 3, .state = 1, .comm = "one"});
  table.add({.latency = 2'000'000, .bits = 9, .state = 0, .comm = "two"});
  CHECK(table.text() == "one two BUSY 2.000ms 9");
}

TEST_CASE("Results of durations and sizes are durations and sizes") {
  const auto plan = test::sample_plan({{"latency", "duration"}, {"small", "size"}});
  AggregateTable table(*plan, {"sum(latency)", "min(latency)", "max(latency)", "avg(latency)", "p50(latency)",
                               "sum(small)", "avg(small)"});
  table.add({.latency = 1'000, .small = 255});
  table.add({.latency = 4'001, .small = 2});
  CHECK(table.text() == "5.001us 1.000us 4.001us 2.501us 1.000us 257B 129B");
}

TEST_CASE("A rate is per second of the time that passed, and absent without one") {
  const auto plan = test::sample_plan();
  AggregateTable table(*plan, {"rate", "rate(latency)", "rate(change)"});
  table.add({.latency = 10, .change = -1}).add({.latency = 20, .change = -2});
  CHECK(table.text(4.0) == "0.5 7.5 -0.75");
  CHECK(table.text() == "- - -");
  table.table().restart_rates();
  CHECK(table.text(4.0) == "0 0 0");
}

TEST_CASE("Histograms of powers of two, of linear and of given ranges") {
  const auto plan = test::sample_plan();
  AggregateTable table(*plan, {"log2(latency)", "exp2zero(latency)", "linear(latency, 10, 30, 10)",
                               "fixed(latency, 1, 5, 100)", "log2(change)", "linear(real, 0, 1, 0.5)"});
  for (const std::uint64_t value : {0ull, 1ull, 2ull, 3ull, 4ull, 10ull, 29ull, 30ull, 1ull << 63}) {
    table.add({.latency = value,
               .change = -static_cast<std::int32_t>(value % 3),
               .real = static_cast<double>(value) / 4});
  }
  CHECK(table.text() ==
        "[0,1]=2 [2,3]=2 [4,7]=1 [8,15]=1 [16,31]=2 [9223372036854775808,18446744073709551615]=1 "
        "[0,0]=1 [1,1]=1 [2,3]=2 [4,7]=1 [8,15]=1 [16,31]=2 [9223372036854775808,18446744073709551615]=1 "
        "(...,9]=5 [10,19]=1 [20,29]=1 [30,...)=2 "
        "(...,1]=2 [2,5]=3 [6,100]=3 [101,...)=1 "
        "(...,-1]=6 [0,1]=3 "
        "(...,0]=1 (0,0.5]=2 (0.5,1]=2 (1,...)=4");
}

TEST_CASE("The slots in a map's value become its histogram") {
  const auto plan = test::sample_plan();
  AggregateTable table(*plan, {"slots(small, latency, log2)", "slots(small, latency, linear, 0, 10, 3)"},
                       {&plan.field("comm")});
  table.add({.latency = 5, .small = 0, .comm = "a"}).add({.latency = 7, .small = 2, .comm = "a"});
  table.add({.latency = 1, .small = 200, .comm = "b"});
  CHECK(table.text() ==
        "a [0,1]=5 [4,7]=7 [0,9]=5 [20,...)=7\n"
        "b [9223372036854775808,18446744073709551615]=1 [20,...)=1");
}

TEST_CASE("Mistakes in an aggregate are reported") {
  const auto plan = test::sample_plan();
  const auto mistakes = [&](const char* call) { return aggregate_mistakes(*plan, call); };
  CHECK(mistakes("counts") == "unknown function \"counts\"\n");
  CHECK(mistakes("count(latency)") == "too many arguments for \"count\"\n");
  CHECK(mistakes("sum") == "\"sum\" needs a field\n");
  CHECK(mistakes("sum(latenzy)") == "unknown field \"latenzy\"\n");
  CHECK(mistakes("sum(comm)") == "\"sum\" takes a number; the field \"comm\" is char[8]\n");
  CHECK(mistakes("max(state)") ==
        "\"max\" takes a number or a time; the field \"state\" is rendered as enum\n");
  CHECK(mistakes("sum(latency") == "\"(\" without \")\"\n");
  CHECK(mistakes("sum latency)") == "\")\" without \"(\"\n");
  CHECK(mistakes("sum(latency) x") == "unexpected text after the \")\"\n");
  CHECK(mistakes("sum(max(latency))") == "an argument cannot be a function\n");
  CHECK(mistakes("sum(latency,)") == "an argument is missing\n");
  CHECK(mistakes("") == "a function is missing\n");
  CHECK(mistakes("p101(latency)") == "invalid percentile 101\n");
  CHECK(mistakes("pinf(latency)") == "unknown function \"pinf\"\n");
  CHECK(mistakes("linear(latency, 0, 10)") == "\"linear\" needs more arguments\n");
  CHECK(mistakes("linear(latency, 0, 10, 0)") == "the step must be greater than 0\n");
  CHECK(mistakes("linear(latency, 10, 10, 1)") == "the maximum must be greater than the minimum\n");
  CHECK(mistakes("linear(latency, 0, 1000000, 1)") == "too many slots: 1000000\n");
  CHECK(mistakes("linear(latency, a, 10, 1)") == "\"a\" is not a number\n");
  CHECK(mistakes("fixed(latency, 5, 5)") == "the bounds must be in ascending order\n");
  CHECK(mistakes("slots(small, latency, log)") == "unknown kind of slots \"log\"\n");
  CHECK(mistakes("slots(comm, latency, log2)") ==
        "\"slots\" takes an integer as the slot's number; the field \"comm\" is char[8]\n");
  CHECK(mistakes(" p99.9( latency ) ") == "");
}
