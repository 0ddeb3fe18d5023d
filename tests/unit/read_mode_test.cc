// "read" of a spec, from the source to the text that an output writes.
#include <sstream>

#include "engine/pipeline.h"
#include "source/recording_reader.h"
#include "source/recording_writer.h"
#include "spec/parse.h"
#include "spec/spec.h"
#include "support/catch.h"
#include "unit/sample_object.h"
#include "unit/temporary_file.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

constexpr std::uint32_t cpus = 2;
constexpr std::int64_t second = 1'000'000'000;

std::unique_ptr<ObjectDescription> object_of(std::uint32_t map_type) {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto stats = btf.structure("stats", 16, {{"packets", u64, 0}, {"bytes", u64, 64}});
  return test::object_of(btf, {test::map_info("m", map_type, 4, 16, u32, stats)});
}

// A pipeline of one map, whose output goes to a file.
class Run {
 public:
  Run(const std::string& map_keys, const std::string& output_keys, const ObjectDescription& object,
      const Options& options = {})
      : source_(std::make_shared<SourceText>(
            "spec.json",
            R"({"name": "s", "object": "o", "programs": [{"name": "p", "attach": {"type": "auto"}}],)"
            R"( "maps": [{"name": "m")" +
                map_keys + R"(}], "outputs": [{"map": "m", "to": ")" + file_.path() + "\"" + output_keys +
                "}]}")),
        diagnostics_(source_),
        sinks_(SinkSet::Kind::real) {
    spec_ = parse_spec(source_, {}, MissingParameters::use_example, diagnostics_);
    diagnostics_.throw_if_failed();
    pipeline_.emplace(*spec_, object, cpus, options, sinks_, diagnostics_);
    diagnostics_.throw_if_failed();
  }

  Pipeline& pipeline() { return *pipeline_; }
  std::string text() {
    pipeline_->finish();
    sinks_.flush();
    return file_.read();
  }
  // The response to a scraper.
  std::string served() {
    TextBuffer out;
    Interlude nothing_else;
    sinks_.metrics().serve([&](const MetricPages::Families& families) {
      append_metrics(out, families, MetricDialect::prometheus, nothing_else);
    });
    return std::string(out.view());
  }

 private:
  test::TemporaryFile file_;
  std::shared_ptr<const SourceText> source_;
  Diagnostics diagnostics_;
  SinkSet sinks_;
  std::optional<Spec> spec_;
  std::optional<Pipeline> pipeline_;
};

RecordBytes entry(std::uint32_t key, std::uint64_t packets, std::uint64_t bytes) {
  RecordBytes record;
  return record.u32(key).u32(0).u64(packets).u64(bytes);
}

// Three reads: of keys 1 and 2; of 2, after 1 was removed with more packets; of 1 and 2.
void feed(EventConsumer& consumer) {
  consumer.time(10 * second, 0);
  consumer.begin_read(0, ReadFor::everyone);
  consumer.entry(0, entry(1, 10, 100).view());
  consumer.entry(0, entry(2, 20, 200).view());
  consumer.end_read(0, {});
  consumer.time(12 * second, 0);
  consumer.begin_read(0, ReadFor::everyone);
  consumer.entry(0, entry(2, 21, 204).view());
  consumer.taken_entry(0, entry(1, 16, 100).view());
  consumer.end_read(0, {});
  consumer.time(13 * second, 0);
  consumer.stopping();
  consumer.begin_read(0, ReadFor::everyone);
  consumer.entry(0, entry(1, 3, 30).view());
  consumer.entry(0, entry(2, 21, 204).view());
  consumer.end_read(0, {});
}

std::string shown(const std::string& map_keys, const std::string& output_keys) {
  const auto object = object_of(BPF_MAP_TYPE_HASH);
  Run run(map_keys, output_keys, *object);
  feed(run.pipeline());
  return run.text();
}

const std::string line = R"(, "format": "text", "template": "{key} {packets} {bytes}")";

}  // namespace

TEST_CASE("A snapshot shows the values as they are") {
  const std::string expected = "1 10 100\n2 20 200\n2 21 204\n1 16 100\n1 3 30\n2 21 204\n";
  CHECK(shown("", line) == expected);
  CHECK(shown(R"(, "read": "snapshot")", line) == expected);
}

TEST_CASE("A delta and a drain show what was added between the reads") {
  const std::string expected = "1 10 100\n2 20 200\n2 1 4\n1 6 0\n1 3 30\n";
  CHECK(shown(R"(, "read": "delta")", line) == expected);
  CHECK(shown(R"(, "read": "drain")", line) == expected);
}

TEST_CASE("A rate shows what was added per second") {
  CHECK(shown(R"(, "read": "rate")", line) == "2 0.5 2\n1 3 0\n1 3 30\n");
}

TEST_CASE("The output at exit is that of the last interval") {
  CHECK(shown(R"(, "read": "delta")", line + R"(, "every": "exit")") == "1 3 30\n");
}

TEST_CASE("Changed entries are sorted, limited and grouped like the entries of a read") {
  CHECK(shown(R"(, "read": "delta")", line + R"(, "sort": "-packets", "limit": 1)") ==
        "2 20 200\n1 6 0\n1 3 30\n");
  CHECK(
      shown(R"(, "read": "rate")",
            R"(, "group_by": ["bytes"], "aggregate": {"n": "count"}, "format": "jsonl", "sort": "bytes")") ==
      "{\"value.bytes\":0,\"n\":1}\n{\"value.bytes\":2,\"n\":1}\n{\"value.bytes\":30,\"n\":1}\n");
}

TEST_CASE("The values of all CPUs are added before they are subtracted") {
  const auto object = object_of(BPF_MAP_TYPE_PERCPU_HASH);
  Run run(R"(, "read": "delta")", line, *object);
  const auto read = [&](std::uint64_t first, std::uint64_t other) {
    RecordBytes record;
    record.u32(1).u32(0).u64(first).u64(0).u64(other).u64(1);
    run.pipeline().begin_read(0, ReadFor::everyone);
    run.pipeline().entry(0, record.view());
    run.pipeline().end_read(0, {});
  };
  read(5, 7);
  read(6, 8);
  CHECK(run.text() == "1 12 1\n1 2 0\n");
}

TEST_CASE("Values of the CPUs that are not summed are subtracted separately") {
  const auto object = object_of(BPF_MAP_TYPE_PERCPU_HASH);
  Run run(R"(, "read": "delta", "per_cpu": true)", R"(, "format": "jsonl", "fields": ["value"])", *object);
  const auto read = [&](std::uint64_t first, std::uint64_t other) {
    RecordBytes record;
    record.u32(1).u32(0).u64(first).u64(0).u64(other).u64(1);
    run.pipeline().begin_read(0, ReadFor::everyone);
    run.pipeline().entry(0, record.view());
    run.pipeline().end_read(0, {});
  };
  read(5, 7);
  read(6, 9);
  CHECK(run.text() ==
        "{\"value\":[{\"packets\":5,\"bytes\":0},{\"packets\":7,\"bytes\":1}]}\n"
        "{\"value\":[{\"packets\":1,\"bytes\":0},{\"packets\":2,\"bytes\":0}]}\n");
}

TEST_CASE("A recording shows the same as the run, in every read mode") {
  const auto object = object_of(BPF_MAP_TYPE_HASH);
  for (const std::string mode : {"snapshot", "delta", "rate", "drain"}) {
    const std::string keys = ", \"read\": \"" + mode + "\"";
    const test::TemporaryFile file;
    Run live(keys, line, *object);
    {
      RecordingWriter writer(file.path(), {}, *object, live.pipeline());
      feed(writer);
      writer.finish();
    }
    RecordingReader recording(file.path());
    Run replay(keys, line, recording.object());
    const std::string damage = recording.play(replay.pipeline(), [] { return false; });
    CAPTURE(mode);
    CHECK(damage == "");
    CHECK(replay.text() == live.text());
    CHECK(!live.text().empty());
  }
}

TEST_CASE("Entries beyond the map's size, and truncated entries, are in the figures") {
  const auto object = object_of(BPF_MAP_TYPE_HASH);
  Run run(R"(, "read": "delta", "max_entries": 2)", line, *object);
  run.pipeline().begin_read(0, ReadFor::everyone);
  for (std::uint32_t key = 0; key < 5; ++key) run.pipeline().entry(0, entry(key, 1, 1).view());
  run.pipeline().entry(0, entry(0, 2, 2).view().first(20));
  run.pipeline().end_read(0, {});
  CHECK(to_text(run.pipeline().figures(), std::chrono::seconds(1)) ==
        "1 map read, 0 lost, 1 undecodable, 3 values of new keys dropped: the map is full in 1.0 s");
}

TEST_CASE("Losses are reported after the last JSON line, and in no other format") {
  const auto object = object_of(BPF_MAP_TYPE_HASH);
  const auto text_of = [&](const std::string& output, const ReadEnd& end) {
    Run run("", output, *object);
    run.pipeline().begin_read(0, ReadFor::everyone);
    run.pipeline().entry(0, entry(1, 2, 3).view());
    run.pipeline().end_read(0, end);
    return run.text();
  };
  const std::string row = "{\"key\":1,\"value\":{\"packets\":2,\"bytes\":3}}\n";
  CHECK(text_of(R"(, "format": "jsonl")", {}) == row);
  CHECK(text_of(R"(, "format": "jsonl")", {true, true, 4}) ==
        row +
            "{\"$summary\":{\"events\":0,\"reads\":1,\"lost\":0,"
            "\"uncounted_streams\":0,\"missed\":null,\"uncounted_programs\":0,\"undecodable\":0,\"longer\":0,"
            "\"incomplete\":1,"
            "\"restarted\":1,\"vanished\":4,\"ungrouped\":0,\"unremembered\":0,\"sampled_out\":0,\"rate_"
            "limited\":0,\"not_written\":0}}\n");
  CHECK(text_of(R"(, "format": "csv")", {true, true, 4}) == "key,packets,bytes\n1,2,3\n");
}

TEST_CASE("A read for metrics brings them up to date, and nothing else") {
  const auto object = object_of(BPF_MAP_TYPE_HASH);
  Options options;
  options.listen = "9435";
  options.count = 1;
  Run run("", line, *object, options);
  Pipeline& pipeline = run.pipeline();
  const auto read = [&](ReadFor whom, std::uint64_t packets) {
    return pipeline.begin_read(0, whom) && pipeline.entry(0, entry(1, packets, 2).view()) &&
           pipeline.end_read(0, {});
  };
  CHECK(pipeline.inputs().front().can_be_read_for_metrics());
  CHECK(read(ReadFor::everyone, 10));
  CHECK(run.served().find("s_m_packets{key=\"1\"} 10\n") != std::string::npos);
  // --count counts shown rows.
  CHECK_FALSE(read(ReadFor::everyone, 11));
  CHECK(read(ReadFor::metrics, 12));
  CHECK(run.served().find("s_m_packets{key=\"1\"} 12\n") != std::string::npos);
  CHECK(pipeline.figures().reads == 1);
  CHECK(run.text() == "1 10 2\n");
}

TEST_CASE("A map is read for metrics only if a read changes nothing and the metrics use it") {
  const auto can_be_read = [](std::uint32_t type, const std::string& keys, bool serves) {
    const auto object = object_of(type);
    Options options;
    if (serves) options.listen = "9435";
    Run run(keys, line, *object, options);
    return run.pipeline().inputs().front().can_be_read_for_metrics();
  };
  CHECK(can_be_read(BPF_MAP_TYPE_HASH, "", true));
  CHECK_FALSE(can_be_read(BPF_MAP_TYPE_HASH, "", false));
  for (const std::string mode : {"delta", "rate", "drain"})
    CHECK_FALSE(can_be_read(BPF_MAP_TYPE_HASH, ", \"read\": \"" + mode + "\"", true));
}
