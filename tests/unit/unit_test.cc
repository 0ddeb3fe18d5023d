// "unit": what the numbers of a field count, for renderers and conditions beside it.
#include "decode/renderers/unit.h"

#include "filter/filter.h"
#include "support/catch.h"
#include "unit/record_bytes.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

test::SpecPlan with(const std::string& options) {
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto real = btf.floating("double", 8);
  btf.structure("event", 16, {{"x", u64, 0}, {"real", real, 64}});
  return test::ring_of(
      btf, R"("type": "struct event", "fields": {"x": )" + options + R"(, "real": {"unit": "ms"}})");
}

std::string shown(const std::string& options, std::uint64_t value) {
  const auto plan = with(options);
  return plan.mistakes + test::plain(plan.field("x"), RecordBytes().u64(value).add(0.5).view());
}

std::string ask(const std::string& options, const std::string& where, std::uint64_t value, double real = 0) {
  const auto plan = with(options);
  Diagnostics diagnostics = test::no_diagnostics();
  Filter filter(test::located(where), *plan, diagnostics);
  if (diagnostics.failed()) return test::whats(diagnostics);
  return filter.passes(RecordBytes().u64(value).add(real).view(), {}) ? "yes" : "no";
}

}  // namespace

TEST_CASE("A duration prints numbers of the field's unit") {
  CHECK(shown(R"({"as": "duration"})", 27'000) == "27.000us");
  CHECK(shown(R"({"as": "duration", "unit": "ns"})", 27'000) == "27.000us");
  CHECK(shown(R"({"as": "duration", "unit": "us"})", 27'000) == "27.000ms");
  CHECK(shown(R"({"as": "duration", "unit": "usecs"})", 27'000) == "27.000ms");
  CHECK(shown(R"({"as": "duration", "unit": "ms"})", 27'000) == "27.000s");
  CHECK(shown(R"({"as": "duration", "unit": "s"})", 27) == "27.000s");
}

TEST_CASE("A size prints numbers of the field's unit") {
  CHECK(shown(R"({"as": "size", "unit": "bytes"})", 2048) == "2.0KiB");
  CHECK(shown(R"({"as": "size", "unit": "KiB"})", 1536) == "1.5MiB");
  CHECK(shown(R"({"as": "size", "unit": "MiB"})", 3) == "3.0MiB");
}

TEST_CASE("A unit that a renderer cannot print is refused") {
  const auto refused = [](const std::string& as, const std::string& unit) {
    CHECK(with("{\"as\": \"" + as + "\", \"unit\": \"" + unit + "\"}").mistakes ==
          "\"" + as + "\" cannot print numbers of the unit \"" + unit + "\"\n");
  };
  refused("duration", "bytes");
  refused("duration", "jiffies");
  refused("size", "pages");
  refused("size", "us");
  refused("ktime", "us");
  refused("timestamp", "s");
  CHECK(with(R"({"as": "ktime", "unit": "ns"})").mistakes == "");
  CHECK(with(R"({"as": "hex", "unit": "pages"})").mistakes == "");
}

TEST_CASE("A condition compares in the unit of the field") {
  for (const std::string options : {R"({"unit": "us"})", R"({"as": "duration", "unit": "us"})"}) {
    CAPTURE(options);
    CHECK(ask(options, "x > 10ms", 10'001) == "yes");
    CHECK(ask(options, "x > 10ms", 10'000) == "no");
    CHECK(ask(options, "x in [1ms, 2s]", 2'000'000) == "yes");
    CHECK(ask(options, "x == 10", 10) == "yes");
    CHECK(ask(options, "x > 10ns", 0) == "10ns is not a whole number of \"us\", the unit of \"x\"\n");
    CHECK(ask(options, "x > 4KiB", 0) == "the unit of \"x\" is \"us\", which is not that of 4KiB\n");
  }
  CHECK(ask(R"({"unit": "KiB"})", "x == 1MiB", 1024) == "yes");
  CHECK(ask(R"({"unit": "pages"})", "x > 10ms", 0) ==
        "the unit of \"x\" is \"pages\", which is not that of 10ms\n");
  CHECK(ask(R"({"as": "size"})", "x > 10ms", 0) ==
        "the unit of \"x\" is \"bytes\", which is not that of 10ms\n");
  CHECK(ask(R"({"unit": "bytes"})", "real > 1500us", 0, 1.6) == "yes");
  CHECK(ask(R"({"unit": "bytes"})", "real > 1500us", 0, 1.4) == "no");
}

TEST_CASE("Without a unit, times are nanoseconds and sizes bytes") {
  CHECK(ask(R"({"as": "dec"})", "x == 1us", 1000) == "yes");
  CHECK(ask(R"({"as": "dec"})", "x == 1KiB", 1024) == "yes");
  CHECK(ask(R"({"as": "duration"})", "x == 1us", 1000) == "yes");
}
