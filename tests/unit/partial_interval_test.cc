// The last interval of a run, which is shorter than the others: marked, or left out where a format has no place for it.
#include "support/catch.h"
#include "unit/memory_run.h"

using namespace probe_run;
using test::ring;
using test::ring_record;
using Run = test::MemoryRun;

namespace {

constexpr std::int64_t second = 1'000'000'000;

std::string groups(const std::string& keys) {
  return R"({"map": "ring", "to": "out", "group_by": ["value"], "aggregate": {"n": "count"}, "every": "1s", )" +
         keys + "}";
}

// Intervals from second 10 on: two records, one, and `last` in the 250 ms before the end.
std::string shown(Run& run, int last) {
  Pipeline& pipeline = run.pipeline();
  pipeline.time(10 * second, 0);
  pipeline.record(ring, ring_record(7).view());
  pipeline.record(ring, ring_record(7).view());
  pipeline.time(11 * second, 0);
  pipeline.record(ring, ring_record(7).view());
  pipeline.time(12 * second, 0);
  for (int i = 0; i < last; ++i) pipeline.record(ring, ring_record(8).view());
  pipeline.time(12 * second + second / 4, 0);
  pipeline.stopping();
  return run.text();
}

std::string shown(const std::string& keys, int last) {
  Run run(groups(keys));
  return shown(run, last);
}

}  // namespace

TEST_CASE("the last interval of groups is marked in each format that has a place for it") {
  CHECK(shown(R"("format": "text", "template": "{value} {n}")", 3) == "7 2\n7 1\ninterval of 0.25 s\n8 3\n");
  const std::string json = shown(R"("format": "jsonl")", 3);
  CHECK(json.substr(0, json.find("{\"$summary\"")) ==
        "{\"value\":7,\"n\":2}\n{\"value\":7,\"n\":1}\n{\"value\":8,\"n\":3,\"$interval\":0.25}\n");
  CHECK(shown(R"("format": "logfmt")", 3) == "value=7 n=2\nvalue=7 n=1\nvalue=8 n=3 $interval=0.25\n");
  CHECK(shown(R"("format": "table")", 3) ==
        "VALUE  N\n    7  2\n\nVALUE  N\n    7  1\n\ninterval of 0.25 s\nVALUE  N\n    8  3\n");
}

TEST_CASE("where there is no place for it, the last interval is left out and its rows are counted") {
  Run run(groups(R"("format": "csv")"));
  CHECK(shown(run, 3) == "value,n\n7,2\n7,1\n");
  CHECK(run.pipeline().figures().left_out == 1);
  CHECK(to_text(run.pipeline().figures(), std::chrono::seconds(1))
            .find("1 row of the last, partial interval left out") != std::string::npos);
}

TEST_CASE("a run that is shorter than an interval shows what it has in every format") {
  for (const std::string format : {"csv", "text", "jsonl"}) {
    Run run(groups("\"format\": \"" + format + "\""));
    run.pipeline().time(10 * second, 0);
    run.pipeline().record(ring, ring_record(42).view());
    run.pipeline().time(10 * second + second / 2, 0);
    run.pipeline().stopping();
    CHECK(run.text().find("42") != std::string::npos);
    CHECK(run.pipeline().figures().left_out == 0);
  }
}

TEST_CASE("a last interval without records is not shown") {
  CHECK(shown(R"("format": "text", "template": "{value} {n}")", 0) == "7 2\n7 1\n");
  CHECK(shown(R"("format": "table")", 0) == "VALUE  N\n    7  2\n\nVALUE  N\n    7  1\n");
}

TEST_CASE("groups of the whole run are whole at its end") {
  CHECK(shown(R"("format": "text", "template": "{value} {n}", "cumulative": true)", 1) ==
        "7 2\n7 3\n7 3\n8 1\n");
}

TEST_CASE("the last read of changes is marked if its interval was not over, and one of state is not") {
  const auto text = [](const std::string& hash_keys, std::int64_t last, const std::string& format) {
    Run run(R"({"map": "hash", "to": "out", )" + format + "}", {}, hash_keys);
    Pipeline& pipeline = run.pipeline();
    pipeline.time(10 * second, 0);
    run.read({{1, 10}});
    pipeline.time(12 * second, 0);
    run.read({{1, 14}});
    pipeline.time(last, 0);
    pipeline.stopping();
    run.read({{1, 15}});
    return run.text();
  };
  const std::string plain = R"("format": "text", "template": "{value}")";
  const std::string delta = R"(, "read": "delta", "poll": "2s")";
  CHECK(text(delta, 12 * second + second / 2, plain) == "10\n4\ninterval of 0.5 s\n1\n");
  CHECK(text(delta, 14 * second, plain) == "10\n4\n1\n");
  CHECK(text(delta, 12 * second + second / 2, R"("format": "csv")") == "key,value\n1,10\n1,4\n");
  CHECK(text(R"(, "read": "rate", "poll": "2s")", 12 * second + second / 2, plain) ==
        "2\ninterval of 0.5 s\n2\n");
  CHECK(text(R"(, "poll": "2s")", 12 * second + second / 2, plain) == "10\n14\n15\n");
}
