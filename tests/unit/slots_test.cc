// Histograms that a program keeps in slots: their bounds, their last slot, and their sum.
#include "format/histogram_format.h"
#include "format/json_value.h"
#include "format/metric_value.h"
#include "spec/map_spec.h"
#include "support/catch.h"
#include "unit/aggregate_table.h"
#include "unit/polled_map.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::AggregateTable;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

// { u64 total; u32 slots[6]; u32 other; } in a hash.
test::SpecPlan with(const std::string& fields) {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  const auto hist = btf.structure(
      "hist", 40,
      {{"total", u64, 0}, {"slots", btf.array(u32, 6), 8 * 8}, {"name", btf.array(character, 8), 32 * 8}});
  return test::plan_of(test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_HASH, 4, 40, u32, hist)}),
                       R"({"name": "m", "fields": {)" + fields + "}}");
}

RecordBytes entry(std::uint64_t total, std::initializer_list<std::uint32_t> slots) {
  RecordBytes bytes;
  bytes.u32(1).u32(0).u64(total);
  for (const std::uint32_t count : slots) bytes.u32(count);
  return bytes.zeros(8);
}

std::string json(const Field& field, Bytes bytes) {
  TextBuffer out;
  append_json(field, bytes, {}, out);
  return std::string(out.view());
}

// The key "histogram" of the slots, and others.
std::string slots(const std::string& histogram, const std::string& more = "") {
  return "\"slots\": {\"histogram\": \"" + histogram + "\"" + more + "}";
}

std::string slots_in_json(const std::string& fields, const RecordBytes& bytes) {
  const auto plan = with(fields);
  return plan.mistakes + json(plan.field("value.slots"), bytes.view());
}

}  // namespace

TEST_CASE("The bounds of slots are those of their kind, and the last slot counts everything above") {
  const RecordBytes ones = entry(0, {1, 1, 1, 1, 1, 1});
  const auto shown = [&](const std::string& kind) {
    const auto plan = with(slots(kind));
    return plan.mistakes + test::plain(plan.field("value.slots"), ones.view());
  };
  CHECK(shown("log2") == "[0,1]=1 [2,3]=1 [4,7]=1 [8,15]=1 [16,31]=1 [32,...)=1");
  CHECK(shown("exp2") == "[0,1]=1 [2,2]=1 [3,4]=1 [5,8]=1 [9,16]=1 [17,...)=1");
  CHECK(shown("exp2zero") == "[0,0]=1 [1,1]=1 [2,3]=1 [4,7]=1 [8,15]=1 [16,...)=1");
  CHECK(shown("linear(-5, 10)") == "[-5,4]=1 [5,14]=1 [15,24]=1 [25,34]=1 [35,44]=1 [45,...)=1");
  CHECK(shown("fixed(1, 5, 25, 100, 1000)") ==
        "(...,1]=1 [2,5]=1 [6,25]=1 [26,100]=1 [101,1000]=1 [1001,...)=1");
}

TEST_CASE("Slots after the last one are part of it, except for that of the sum") {
  const RecordBytes bytes = entry(0, {1, 2, 3, 4, 5, 600});
  CHECK(
      slots_in_json(slots("log2(last=2)"), bytes) ==
      R"({"buckets":[{"from":0,"to":1,"count":1},{"from":2,"to":3,"count":2},{"from":4,"count":612}],"count":615})");
  CHECK(slots_in_json(slots("log2(last=2, sum=5)"), bytes) ==
        R"({"buckets":[{"from":0,"to":1,"count":1},{"from":2,"to":3,"count":2},{"from":4,"count":12}],)"
        R"("count":15,"sum":600})");
  CHECK(slots_in_json(slots("exp2( sum = 5 )"), bytes).ends_with(R"("count":15,"sum":600})"));
  CHECK(slots_in_json(slots("fixed(1, 2, 3, 4, sum=5)"), bytes)
            .ends_with(R"({"from":5,"count":5}],"count":15,"sum":600})"));
  CHECK(slots_in_json(slots("linear(0, 10, sum=5)"), bytes)
            .ends_with(R"({"from":40,"count":5}],"count":15,"sum":600})"));
}

TEST_CASE("The sum of slots is a field beside them, in the unit of their bounds") {
  const RecordBytes bytes = entry(4'500'250, {1, 2, 0, 0, 0, 0});
  const auto sum = [&](const std::string& fields) {
    const std::string text = slots_in_json(fields, bytes);
    return text.substr(std::min(text.find("\"count\":3,"), text.size()));
  };
  const std::string in_us = R"(, "unit": "us")";
  CHECK(sum(slots("log2(sum=total)")) == R"("count":3,"sum":4500250})");
  CHECK(sum(slots("log2(sum=value.total)", in_us)) == R"("count":3,"sum":4500250})");
  // Whichever of the fields comes first.
  CHECK(sum(R"("total": {"as": "duration"}, )" + slots("log2(sum=total)", in_us)) ==
        R"("count":3,"sum":4500.25})");
  CHECK(sum(slots("log2(sum=total)", in_us) + R"(, "total": {"unit": "ms"})") ==
        R"("count":3,"sum":4500250000})");

  const auto plan = with(R"("total": {"as": "duration"}, )" + slots("log2(sum=total)", in_us));
  const MetricHistogram metric = load_histogram(plan.field("value.slots"), bytes.view(), 1e-6);
  REQUIRE(metric.sum);
  CHECK(to_double(*metric.sum) == Approx(0.00450025).epsilon(1e-15));
}

TEST_CASE("Differences and rates of slots have the difference and the rate of their sum") {
  const auto plan = with(slots("log2(sum=total)"));
  const auto last_read = [&](ReadMode mode) {
    Delta delta(*plan, mode, 4, 10);
    std::string text;
    for (const int read : {1, 2}) {
      delta.begin_read(read * 2'000'000'000LL);
      const auto factor = static_cast<std::uint32_t>(read);
      const RecordBytes bytes = entry(100 * factor * factor, {factor, 0, 7 * factor, 0, 0, 0});
      const auto row = delta.entry(bytes.view());
      if (row) text = json(*delta.plan().find("value.slots"), *row);
      delta.end_read(false);
    }
    return text;
  };
  CHECK(last_read(ReadMode::delta).ends_with(R"("to":7,"count":7}],"count":8,"sum":300})"));
  CHECK(last_read(ReadMode::rate).ends_with(R"("to":7,"count":3.5}],"count":4,"sum":150})"));
}

TEST_CASE("A histogram that is kept without the field of its sum has none") {
  const auto plan = with(slots("log2(sum=total)"));
  const auto kept = [&](const std::string& call, const std::string& path) {
    auto diagnostics = test::no_diagnostics();
    auto aggregate = compile_aggregate("kept", test::located(call), *plan, diagnostics);
    REQUIRE(aggregate);
    std::vector<Aggregate> aggregates;
    aggregates.push_back(std::move(*aggregate));
    GroupTable table({}, std::move(aggregates), 10);
    table.add(entry(777, {1, 2, 0, 0, 0, 0}).view());
    std::string text;
    table.for_each({}, [&](Bytes row) { text = json(*table.plan().find(path), row); });
    return text;
  };
  CHECK(kept("last(value.slots)", "kept").ends_with("\"count\":3}"));
  CHECK(kept("last(value)", "kept.slots").ends_with(R"("count":3,"sum":777})"));
}

TEST_CASE("Mistakes in the last slot and the sum of slots are reported") {
  const auto mistakes = [](const std::string& kind, const std::string& rest = "") {
    return with(slots(kind, rest) + (rest.empty() ? "" : R"(, "total": {"as": "size"})")).mistakes;
  };
  CHECK(mistakes("log2(last=6)") == "the array \"value.slots\" has no slot 6\n");
  CHECK(mistakes("log2(sum=6)") == "the array \"value.slots\" has no slot 6\n");
  CHECK(mistakes("log2(last=4, sum=4)") == "the slot of the sum is not after the last slot\n");
  CHECK(mistakes("log2(sum=0)") == "slot 0 cannot be the sum\n");
  CHECK(mistakes("log2(last=x)") == "\"last\" needs the number of a slot\n");
  CHECK(mistakes("log2(sum=)") == "\"sum\" needs the number of a slot, or a field\n");
  CHECK(mistakes("log2(last=99999999999)") == "slot 99999999999 is out of range\n");
  CHECK(mistakes("log2(last=3, last=3)") == "duplicate argument \"last\"\n");
  CHECK(mistakes("log2(lst=3)") == "unknown argument \"lst\"\n");
  CHECK(mistakes("log2(sum=totl)") == "unknown field \"totl\"\n");
  CHECK(mistakes("log2(sum=name)") == "the sum \"name\" is not a number that can be added\n");
  CHECK(mistakes("log2(sum=total)", R"(, "unit": "us")") ==
        "the sum \"total\" has the unit \"bytes\", but the slots have \"us\"\n");
  CHECK(mistakes("fixed(1, 2, last=5)") == "the array \"value.slots\" has 6 slots, but this gives 3\n");
  CHECK(mistakes("log3") == "unknown histogram \"log3\"\n");
}

TEST_CASE("Slots in a map's key have their sum in one more slot, or in a field") {
  const auto plan = test::sample_plan();
  const auto shown = [&](const std::string& call) {
    AggregateTable table(*plan, {call}, {&plan.field("comm")});
    table.add({.latency = 5, .change = 7, .small = 0, .comm = "a"});
    table.add({.latency = 7, .change = 20, .small = 2, .comm = "a"});
    table.add({.latency = 123456, .change = 1, .small = 5, .comm = "a"});
    std::string text;
    table.table().for_each({},
                           [&](Bytes row) { text += json(table.table().plan().root.fields.back(), row); });
    return text;
  };
  CHECK(shown("slots(small, latency, log2, last=4, sum=5)") ==
        R"({"buckets":[{"from":0,"to":1,"count":5},{"from":2,"to":3,"count":0},{"from":4,"to":7,"count":7}],)"
        R"("count":12,"sum":123456})");
  CHECK(shown("slots(small, latency, exp2, sum=5)") ==
        R"({"buckets":[{"from":0,"to":1,"count":5},{"from":2,"to":2,"count":0},{"from":3,"to":4,"count":7}],)"
        R"("count":12,"sum":123456})");
  CHECK(shown("slots(small, latency, exp2zero, last=2, sum=change)") ==
        R"({"buckets":[{"from":0,"to":0,"count":5},{"from":1,"to":1,"count":0},{"from":2,"count":123463}],)"
        R"("count":123468,"sum":28})");
  CHECK(shown("slots(small, latency, fixed, 10, 50, 250, 1000, sum=5)") ==
        R"({"buckets":[{"to":10,"count":5},{"from":11,"to":50,"count":0},{"from":51,"to":250,"count":7}],)"
        R"("count":12,"sum":123456})");
  CHECK(shown("slots(small, latency, linear, 0, 10, 3, sum=5)")
            .ends_with(R"({"from":20,"count":7}],"count":12,"sum":123456})"));

  const auto mistakes = [&](const char* call) { return test::aggregate_mistakes(*plan, call); };
  CHECK(mistakes("slots(small, latency, log2, last=64)") == "64-bit numbers need no slot 64\n");
  CHECK(mistakes("slots(small, latency, exp2zero, last=64)") == "");
  CHECK(mistakes("slots(small, latency, fixed, 1, 2, sum=2)") == "slot 2 has the range of a value\n");
  CHECK(mistakes("slots(small, latency, linear, 0, 1, 5, last=4)") ==
        "the number of slots follows from the other arguments\n");
  CHECK(mistakes("slots(small, latency, log2, sum=comm)") ==
        "the sum \"comm\" is not a number that can be added\n");
  CHECK(mistakes("slots(small, latency, fixed)") == "fixed slots need bounds\n");
  CHECK(mistakes("log2(latency, sum=5)") == "\"log2\" has the sum of its values by itself\n");
}

TEST_CASE("Values of an exp2 histogram are at most its powers of two") {
  const auto plan = test::sample_plan();
  AggregateTable table(*plan, {"exp2(latency)", "exp2(latency, last=2)", "exp2(real)", "exp2(change)"});
  for (const std::uint64_t value : {0ull, 1ull, 2ull, 3ull, 4ull, 5ull, 8ull, 9ull}) {
    table.add({.latency = value, .change = -1, .real = static_cast<double>(value) - 0.5});
  }
  table.add({.latency = ~0ull, .change = std::numeric_limits<std::int32_t>::max(), .real = 1e300});
  CHECK(table.text() ==
        "[0,1]=2 [2,2]=1 [3,4]=2 [5,8]=2 [9,16]=1 [9223372036854775809,18446744073709551615]=1 "
        "[0,1]=2 [2,2]=1 [3,...)=6 "
        "[0,1]=2 [2,2]=1 [3,4]=2 [5,8]=2 [9,16]=1 [9223372036854775809,...)=1 "
        "(...,-1]=8 [1073741825,2147483648]=1");
}
