// Records of streams that are taken within other work: between the entries of a map read, the rows that an output shows
// together, and the series of a metrics page.
#include "support/interlude.h"

#include "format/metric_protobuf.h"
#include "source/recording_reader.h"
#include "source/recording_writer.h"
#include "support/catch.h"
#include "support/clock.h"
#include "unit/memory_run.h"
#include "unit/temporary_file.h"

using namespace probe_run;
using test::hash;
using test::hash_entry;
using test::ring;
using test::ring_record;
using Run = test::MemoryRun;

namespace {

constexpr const char* as_lines =
    R"({"map": "hash", "to": "out", "format": "text", "template": "entry {key} {value}"},)"
    R"({"map": "ring", "to": "out", "format": "text", "template": "record {value}"})";

// A read of two entries, with a record after each of them.
void feed(EventConsumer& consumer) {
  consumer.time(1'000'000'000, 0);
  consumer.begin_read(hash, ReadFor::everyone);
  consumer.entry(hash, hash_entry(1, 10).view());
  consumer.record(ring, ring_record(7).view());
  consumer.entry(hash, hash_entry(2, 20).view());
  consumer.record(ring, ring_record(8).view());
  consumer.end_read(hash, {});
}

// Waits until the interlude acts again.
void pass(Interlude& interlude) {
  const std::int64_t before = interlude.taken();
  while (interlude.taken() == before) interlude.look();
}

}  // namespace

TEST_CASE("An interlude acts between steps, not within itself, and leaves the work its share of the time") {
  Interlude interlude;
  int acts = 0;
  constexpr std::int64_t long_ns = 50'000'000;
  interlude.set([&] {
    ++acts;
    interlude.look();
    const std::int64_t begin = clock_ns(CLOCK_MONOTONIC);
    while (clock_ns(CLOCK_MONOTONIC) - begin < long_ns) {
    }
  });
  for (int i = 0; i < 1000 && acts == 0; ++i) interlude.step();
  REQUIRE(acts == 1);
  CHECK(interlude.taken() >= long_ns);
  const std::int64_t end = clock_ns(CLOCK_MONOTONIC);
  while (acts == 1) interlude.look();
  // It had been the work's turn since before `end`; the second act took as long as the first.
  CHECK(clock_ns(CLOCK_MONOTONIC) - end >= long_ns);
  Interlude idle;
  idle.look();
  CHECK(idle.taken() == 0);
}

TEST_CASE("Records that come within a map read are shown before its rows, in a run and in its replay") {
  const std::string expected = "record 7\nrecord 8\nentry 1 10\nentry 2 20\n";
  Run live(as_lines);
  const test::TemporaryFile file;
  RecordingWriter writer(file.path(), {}, live.object(), live.pipeline());
  feed(writer);
  writer.finish();
  CHECK(live.text() == expected);
  Run replay(as_lines);
  RecordingReader reader(file.path());
  CHECK(reader.play(replay.pipeline(), [] { return false; }) == "");
  CHECK(replay.text() == expected);
}

TEST_CASE("A map read that has begun is shown whole, also if records within it reach --count") {
  Options options;
  options.count = 2;
  Run run(as_lines, options);
  Pipeline& pipeline = run.pipeline();
  feed(pipeline);
  CHECK(pipeline.complete());
  CHECK(pipeline.figures().events == 1);
  CHECK(pipeline.figures().reads == 1);
  CHECK(run.text() == "record 7\nentry 1 10\nentry 2 20\n");
  // The read that is the last one is not over when it begins.
  Run last(as_lines, options);
  CHECK(last.pipeline().record(ring, ring_record(1).view()));
  CHECK(last.pipeline().begin_read(hash, ReadFor::everyone));
  CHECK_FALSE(last.pipeline().complete());
  CHECK_FALSE(last.pipeline().record(ring, ring_record(2).view()));
  CHECK(last.pipeline().entry(hash, hash_entry(1, 1).view()));
  CHECK(last.pipeline().end_read(hash, {}));
  CHECK(last.pipeline().complete());
  CHECK(last.text() == "record 1\nentry 1 1\n");
}

TEST_CASE("Entries outside a read are ignored") {
  Run run(as_lines);
  CHECK_FALSE(run.pipeline().entry(hash, hash_entry(1, 1).view()));
  CHECK_FALSE(run.pipeline().end_read(hash, {}));
  CHECK(run.pipeline().figures().reads == 0);
  CHECK(run.text().empty());
}

TEST_CASE("Records that come while a table is written do not stand within it") {
  for (const bool is_table : {true, false}) {
    const std::string format = is_table ? "table" : "jsonl";
    Run run(R"({"map": "hash", "to": "out", "format": ")" + format +
            R"("}, {"map": "ring", "to": "out", "format": ")" + format + "\"}");
    Interlude interlude;
    std::uint64_t records = 0;
    interlude.set([&] { run.pipeline().record(ring, ring_record(1'000'000 + records++).view()); });
    run.pipeline().set_interlude(interlude);
    run.pipeline().time(1, 0);
    run.pipeline().begin_read(hash, ReadFor::everyone);
    constexpr std::uint32_t entries = 500;
    for (std::uint32_t key = 0; key < entries; ++key) run.pipeline().entry(hash, hash_entry(key, key).view());
    CHECK(run.pipeline().end_read(hash, {}));
    REQUIRE(records > 0);
    const std::string text = run.text();
    const std::size_t record = text.find("1000000");
    const std::size_t first = text.find(is_table ? "KEY" : "\"key\":0,"),
                      last = text.find(is_table ? "499" : ":499");
    REQUIRE(record != std::string::npos);
    REQUIRE(first != std::string::npos);
    REQUIRE(last != std::string::npos);
    // Lines of JSON are independent.
    CHECK((record > first && record < last) == !is_table);
    CHECK(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) >= entries + records);
  }
}

TEST_CASE("Series that come while a page is written are in the next one, and the others whole") {
  for (const bool protobuf : {false, true}) {
    MetricFamily family({"m", MetricType::counter, "", "", {"n"}});
    std::uint64_t added = 0;
    const auto add = [&] {
      LabelValues labels;
      labels.add("series " + std::to_string(added++));
      family.accumulate(labels, MetricNumber(std::uint64_t{1}));
      labels.clear();
      labels.add("series 0");
      family.accumulate(labels, MetricNumber(std::uint64_t{1}));
    };
    for (int i = 0; i < 100; ++i) add();
    Interlude interlude;
    interlude.set([&] {
      // Enough to move them in memory.
      for (int i = 0; i < 1000; ++i) add();
    });
    const MetricFamily* const families[] = {&family};
    const auto page = [&](Interlude& within) {
      TextBuffer out;
      if (protobuf) {
        append_metrics_protobuf(out, families, within);
      } else {
        append_metrics(out, families, MetricDialect::prometheus, within);
      }
      return std::string(out.view());
    };
    const auto times = [&](const std::string& text, std::uint64_t number) {
      const std::string label = "series " + std::to_string(number) + (protobuf ? "" : "\"");
      std::size_t count = 0;
      for (std::size_t at = 0; (at = text.find(label, at)) != std::string::npos; ++at) ++count;
      return count;
    };
    const std::string text = page(interlude);
    REQUIRE(added >= 1100);
    // They are in the next page: this one would never end if they came fast enough.
    CHECK(times(text, 99) == 1);
    CHECK(times(text, 1099) == 0);
    Interlude none;
    CHECK(times(page(none), 1099) >= 1);
    if (!protobuf) CHECK(times(text, 0) == 1);
  }
}

TEST_CASE("Groups that records change while their metrics are collected keep the values of one moment") {
  Options options;
  options.listen = "9435";
  Run run(
      R"({"map": "ring", "to": "out", "format": "text", "group_by": ["value"], "aggregate": {"n": "count"},)"
      R"( "template": "{value} {n}"})",
      options);
  Pipeline& pipeline = run.pipeline();
  Interlude interlude;
  pipeline.set_interlude(interlude);
  constexpr std::uint64_t groups = 200;
  for (std::uint64_t value = 0; value < groups; ++value) pipeline.record(ring, ring_record(value).view());
  std::uint64_t more = 0;
  interlude.set([&] {
    for (std::uint64_t value = 0; value < 2 * groups; ++value)
      pipeline.record(ring, ring_record(value).view());
    ++more;
  });
  Interlude none;
  const std::string page = run.served(none);
  REQUIRE(more > 0);
  std::uint64_t ones = 0;
  for (std::size_t at = 0; (at = page.find("\"} 1\n", at)) != std::string::npos; ++at) ++ones;
  CHECK(ones == groups);
  pass(interlude);
  interlude.set(nullptr);
  const std::string later = run.served(none);
  CHECK(later.find("{value=\"0\"} " + std::to_string(1 + more) + "\n") != std::string::npos);
  CHECK(later.find("{value=\"399\"} " + std::to_string(more) + "\n") != std::string::npos);
}
