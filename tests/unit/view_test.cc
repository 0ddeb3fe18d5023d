#include "view/view.h"

#include "format/json_format.h"
#include "spec/output_spec.h"
#include "support/catch.h"
#include "unit/aggregate_table.h"

using namespace probe_run;
using test::SampleRecord;

namespace {

constexpr std::int64_t second = 1'000'000'000;

OutputSpec grouped(std::vector<std::pair<std::string, std::string>> aggregates) {
  OutputSpec spec;
  spec.group_by.push_back(test::located(std::string("comm")));
  for (auto& [name, call] : aggregates) spec.aggregate.emplace_back(test::located(name), test::located(call));
  return spec;
}

class Shown {
 public:
  Shown(const OutputSpec& spec, const Plan& plan, View::Arrival arrival = View::Arrival::stream)
      : diagnostics_(test::no_diagnostics()),
        view(spec, plan, arrival, diagnostics_),
        format_(compile_columns(spec, view.plan(), false, diagnostics_),
                view.plan().other ? &*view.plan().other : nullptr) {
    REQUIRE_FALSE(diagnostics_.failed());
  }
  void add(const SampleRecord& sample) { view.row(sample.bytes().view(), {}); }
  std::string rows() {
    TextBuffer out;
    view.for_each([&](Bytes row) { format_.row(row, RenderContext{}, out); });
    return std::string(out.view());
  }

 private:
  Diagnostics diagnostics_;

 public:
  View view;

 private:
  JsonlFormat format_;
};

Every every_second() {
  return {false, std::chrono::seconds(1)};
}

}  // namespace

TEST_CASE("The row of other groups is last, whatever sort and limit say, and is marked") {
  const auto plan = test::sample_plan();
  OutputSpec spec = grouped({{"n", "count"}});
  spec.groups = test::located(AtLeastOne{2});
  spec.sort = test::located(std::string("-n"));
  spec.limit = test::located(AtLeastOne{1});
  Shown shown(spec, *plan);
  for (const char* comm : {"a", "b", "b", "c", "d", "c"}) shown.add({.comm = comm});
  REQUIRE(shown.view.finish());
  CHECK(shown.rows() == "{\"comm\":\"b\",\"n\":2}\n{\"$other\":true,\"n\":3}\n");
  CHECK(shown.view.overflow() == 3);
}

TEST_CASE("Each interval starts from zero, with rates over the time that passed") {
  const auto plan = test::sample_plan();
  OutputSpec spec = grouped({{"n", "count"}, {"r", "rate"}});
  spec.every = test::located(every_second());
  Shown shown(spec, *plan);
  shown.view.time(10 * second);
  for (int i = 0; i < 4; ++i) shown.add({.comm = "a"});
  REQUIRE(shown.view.time(12 * second));  // late
  CHECK(shown.rows() == "{\"comm\":\"a\",\"n\":4,\"r\":2}\n");
  shown.add({.comm = "b"});
  REQUIRE(shown.view.time(13 * second));
  CHECK(shown.rows() == "{\"comm\":\"b\",\"n\":1,\"r\":1}\n");
}

TEST_CASE("Cumulative groups stay, with rates over the last interval") {
  const auto plan = test::sample_plan();
  OutputSpec spec = grouped({{"n", "count"}, {"most", "max(latency)"}, {"r", "rate"}});
  spec.every = test::located(every_second());
  spec.cumulative = true;
  Shown shown(spec, *plan);
  shown.view.time(10 * second);
  shown.add({.latency = 9, .comm = "a"});
  shown.add({.latency = 3, .comm = "a"});
  REQUIRE(shown.view.time(11 * second));
  CHECK(shown.rows() == "{\"comm\":\"a\",\"n\":2,\"most\":9,\"r\":2}\n");
  shown.add({.latency = 4, .comm = "a"});
  REQUIRE(shown.view.time(12 * second));
  CHECK(shown.rows() == "{\"comm\":\"a\",\"n\":3,\"most\":9,\"r\":1}\n");
}

TEST_CASE("Without keys all rows are one group, which exists even without rows") {
  const auto plan = test::sample_plan();
  OutputSpec spec = grouped({{"n", "count"}, {"mean", "avg(latency)"}});
  spec.group_by.clear();
  Shown shown(spec, *plan, View::Arrival::reads);
  shown.view.begin_read();
  shown.add({.latency = 1});
  shown.add({.latency = 2});
  REQUIRE(shown.view.end_read());
  CHECK(shown.rows() == "{\"n\":2,\"mean\":1.5}\n");
  shown.view.begin_read();
  REQUIRE(shown.view.end_read());
  CHECK(shown.rows() == "{\"n\":0}\n");
}
