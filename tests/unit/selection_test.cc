#include "spec/output_spec.h"
#include "spec/rate_limit.h"
#include "support/catch.h"
#include "unit/sample_object.h"
#include "view/view.h"

using namespace probe_run;

namespace {

OutputSpec output(std::uint64_t sample, const std::string& rate) {
  OutputSpec spec;
  if (sample > 0) spec.sample = test::located(AtLeastOne{sample});
  if (!rate.empty()) spec.rate_limit = test::located(*parse_rate_limit(rate));
  return spec;
}

// The fate of that many rows: "+" taken, "-" left out.
std::string fates(Selection& selection, unsigned rows) {
  const test::RecordBytes record = test::event_record();
  std::string text;
  for (unsigned i = 0; i < rows; ++i) text += selection.takes(record.view(), {}) ? '+' : '-';
  return text;
}

constexpr std::int64_t second = 1'000'000'000;

}  // namespace

TEST_CASE("A sample is the first row and every Nth after it") {
  const test::Compiled plan = test::event_plan();
  Diagnostics diagnostics = test::no_diagnostics();
  Selection third(output(3, ""), *plan, false, diagnostics);
  CHECK(fates(third, 8) == "+--+--+-");
  CHECK(third.sampled_out() == 5);
  Selection all(output(1, ""), *plan, false, diagnostics);
  CHECK(fates(all, 3) == "+++");
  CHECK(all.sampled_out() == 0);
}

TEST_CASE("Only rows that pass the filter are sampled") {
  const test::Compiled plan = test::event_plan();
  Diagnostics diagnostics = test::no_diagnostics();
  OutputSpec spec = output(2, "");
  spec.where = test::located(std::string("comm == 'ls'"));
  Selection selection(spec, *plan, false, diagnostics);
  REQUIRE_FALSE(diagnostics.failed());
  std::string text;
  for (const char* comm : {"bash", "ls", "bash", "ls", "ls", "bash", "ls"})
    text += selection.takes(test::event_record(comm).view(), {}) ? '+' : '-';
  CHECK(text == "-+--+--");
  CHECK(selection.sampled_out() == 2);
}

TEST_CASE("A rate allows one second's rows at once and then more as time passes") {
  const test::Compiled plan = test::event_plan();
  Diagnostics diagnostics = test::no_diagnostics();
  Selection selection(output(0, "4/s"), *plan, false, diagnostics);
  selection.time(100 * second);
  CHECK(fates(selection, 6) == "++++--");
  selection.time(100 * second + second / 4);
  CHECK(fates(selection, 2) == "+-");
  selection.time(100 * second + second / 4 + second / 8);
  CHECK(fates(selection, 1) == "-");
  selection.time(100 * second + second / 2);
  CHECK(fates(selection, 2) == "+-");
  selection.time(500 * second);
  CHECK(fates(selection, 6) == "++++--");
  CHECK(selection.rate_limited() == 7);
}

TEST_CASE("A rate below one row in a second still shows rows") {
  const test::Compiled plan = test::event_plan();
  Diagnostics diagnostics = test::no_diagnostics();
  Selection selection(output(0, "2/m"), *plan, false, diagnostics);
  selection.time(0);
  CHECK(fates(selection, 2) == "+-");
  selection.time(29 * second);
  CHECK(fates(selection, 1) == "-");
  selection.time(30 * second);
  CHECK(fates(selection, 2) == "+-");
}

TEST_CASE("Times that go backwards or are far apart do not break a rate") {
  const test::Compiled plan = test::event_plan();
  Diagnostics diagnostics = test::no_diagnostics();
  Selection selection(output(0, "1000000000/s"), *plan, false, diagnostics);
  selection.time(INT64_MIN);
  CHECK(fates(selection, 2) == "++");
  selection.time(INT64_MAX);
  CHECK(fates(selection, 2) == "++");
  selection.time(0);
  CHECK(fates(selection, 2) == "++");
}

TEST_CASE("A rate requires rows that are shown one by one") {
  const test::Compiled plan = test::event_plan();
  Diagnostics diagnostics = test::no_diagnostics();
  const Selection selection(output(0, "1/s"), *plan, true, diagnostics);
  CHECK(test::whats(diagnostics) == "\"rate_limit\" applies only to rows that are shown one by one\n");
}

TEST_CASE("A rate is written with its unit") {
  CHECK(parse_rate_limit("100/s")->rows == 100);
  CHECK(parse_rate_limit("5/h")->per == std::chrono::hours(1));
  for (const char* wrong :
       {"", "5", "/s", "0/s", "-1/s", "1.5/s", "5/d", "5/", "5/ss", " 5/s", "1000000001/s"}) {
    INFO(wrong);
    CHECK_FALSE(parse_rate_limit(wrong));
  }
}
