// Rows with equal labels, and more series than the limit: added where that is right, reported where it is not.
#include "support/catch.h"
#include "unit/memory_run.h"

using namespace probe_run;
using Run = test::MemoryRun;

namespace {

std::string metrics(const std::string& metric, const std::string& more = "") {
  return R"({"map": "hash", "to": "out", "format": "prometheus", "metrics": {)" + metric + "}" + more + "}";
}

std::string warnings(Run& run) {
  std::string text;
  for (const Diagnostic& warning : run.pipeline().take_warnings()) text += warning.what + "\n";
  return text;
}

}  // namespace

TEST_CASE("counters of rows with equal labels are added, without a warning") {
  Run run(metrics(R"("a_total": {"value": "value", "labels": []})"));
  run.read({{1, 5}, {2, 6}, {3, 7}});
  CHECK(warnings(run) == "");
  CHECK(run.pipeline().figures().series_merged == 2);
  CHECK(run.pipeline().figures().series_replaced == 0);
  CHECK(run.text().find("a_total 18\n") != std::string::npos);
}

TEST_CASE("of gauges and untyped numbers with equal labels the last is kept, which is reported once") {
  for (const std::string type : {"gauge", "untyped"}) {
    Run run(metrics(R"("a": {"value": "value", "labels": [], "type": ")" + type + "\"}"));
    run.read({{1, 5}});
    CHECK(warnings(run) == "");
    run.read({{1, 5}, {2, 6}, {3, 7}});
    CHECK(warnings(run) == "s: the metric \"a\" has several rows and no labels: the last one is kept\n");
    run.read({{1, 5}, {2, 6}, {3, 7}});
    CHECK(warnings(run) == "");
    const Figures figures = run.pipeline().figures();
    CHECK(figures.series_replaced == 4);
    CHECK(to_text(figures, std::chrono::seconds(1)).find("4 rows replaced by others with equal labels") !=
          std::string::npos);
    CHECK(run.text().find("a 7\n") != std::string::npos);
  }
}

TEST_CASE("the warning names the labels that are equal") {
  Run run(R"({"map": "hash", "to": "out", "format": "prometheus",)"
          R"( "metrics": {"a": {"value": "key", "labels": ["value"], "type": "gauge"}}})");
  run.read({{1, 5}, {2, 6}, {3, 6}});
  CHECK(warnings(run) ==
        "s: the metric \"a\" has several rows with the labels {value=\"6\"}: the last one is kept\n");
}

TEST_CASE("series beyond \"series\" of the output are dropped, which is reported once") {
  Run run(metrics(R"("a": {"value": "value", "labels": ["key"]})", R"(, "series": 2)"));
  run.read({{1, 5}, {2, 6}});
  CHECK(warnings(run) == "");
  run.read({{1, 5}, {2, 6}, {3, 7}});
  CHECK(warnings(run) == "s: the metric \"a\" has more than 2 series: rows of others are dropped\n");
  run.read({{1, 5}, {2, 6}, {3, 7}});
  CHECK(warnings(run) == "");
  CHECK(to_text(run.pipeline().figures(), std::chrono::seconds(1)).find("2 rows dropped: too many series") !=
        std::string::npos);
  const std::string text = run.text();
  CHECK(text.find("a{key=\"2\"} 6\n") != std::string::npos);
  CHECK(text.find("key=\"3\"") == std::string::npos);
}
