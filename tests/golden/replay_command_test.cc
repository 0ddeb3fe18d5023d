// --replay, as a user runs it.
#include <algorithm>
#include <chrono>
#include <csignal>

#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"
#include "support/stuck_reader.h"
#include "support/synthetic_recording.h"
#include "support/temporary_directory.h"

using namespace std::chrono_literals;
using test::Finished;
using test::Process;

namespace {

using Clock = std::chrono::steady_clock;

// Recorded in 0.377 s.
const std::string opensnoop = PROBE_RUN_SOURCE_DIR "/tests/golden/opensnoop/recording.rec";

Finished replay(std::vector<std::string> arguments, const std::string& input = {}) {
  arguments.insert(arguments.begin(), {test::probe_run(), "--replay"});
  test::ProcessOptions options;
  options.input = input;
  return test::run(arguments, options);
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("--speed changes when lines appear, but not their text") {
  const Finished fast = replay({opensnoop, "--format", "jsonl"});
  REQUIRE(fast.status == 0);
  for (const auto& [speed, least, most] :
       {std::tuple("1x", 370ms, 20s), std::tuple("2", 180ms, 20s), std::tuple("0.5x", 750ms, 20s)}) {
    const auto begin = Clock::now();
    const Finished timed = replay({opensnoop, "--format", "jsonl", "--speed", speed});
    const auto took = Clock::now() - begin;
    INFO(speed << " took " << std::chrono::duration<double>(took).count() << " s");
    CHECK(timed.out == fast.out);
    CHECK(timed.err == fast.err);
    CHECK(took >= least);
    CHECK(took < most);
  }
  CHECK(replay({opensnoop, "--format", "jsonl", "--speed", "max"}).out == fast.out);
  for (const char* const wrong : {"0", "-1x", "fast", "", "1xx", "nan", "1e3"}) {
    INFO(wrong);
    CHECK(replay({opensnoop, "--speed", wrong}).status == 2);
  }
}

TEST_CASE("In a slow replay, each line appears at its time, and Ctrl-C ends it with the last outputs") {
  Process process({test::probe_run(), "--replay", opensnoop, "--speed", "0.02x", "--format", "jsonl"});
  REQUIRE(process.wait_for_out("plain"));
  process.signal(SIGINT);
  const Finished result = process.finish(10s);
  CHECK(result.status == 0);
  CHECK(result.err.find("probe-run: ") == 0);
  CHECK(result.out.find("nnnn") == std::string::npos);
}

TEST_CASE("--duration of a replay is recorded time") {
  const test::TemporaryDirectory directory;
  const Finished all = replay({opensnoop, "--format", "jsonl"});
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  const Finished some = replay({opensnoop, "--format", "jsonl", "--duration", "1ms"});
  CHECK(some.status == 0);
  CHECK(lines(some.out) < lines(all.out));
  CHECK(all.out.starts_with(some.out));
  CHECK(some.err.find(" in 0.0 s") != std::string::npos);
  CHECK(replay({opensnoop, "--format", "jsonl", "--duration", "1h"}).out == all.out);
  CHECK(replay({opensnoop, "--format", "jsonl", "--duration", "200ms"}).err.find(" in 0.2 s") !=
        std::string::npos);
}

TEST_CASE("A recording may be read from standard input") {
  const Finished direct = replay({opensnoop});
  const Finished piped = replay({"-"}, bytes_of(opensnoop));
  CHECK(piped.out == direct.out);
  CHECK(piped.err == direct.err);
  CHECK(piped.status == 0);
  const std::string whole = bytes_of(opensnoop);
  const Finished cut = replay({"-"}, whole.substr(0, whole.size() - 1));
  CHECK(cut.out == direct.out);
  CHECK(cut.status == 1);
  CHECK(cut.err.find("warning: standard input: it was cut at byte ") != std::string::npos);
  CHECK(replay({"-"}).err.find("standard input is not a probe-run recording") != std::string::npos);
}

TEST_CASE("Lines of a recording that is still being written are shown at once, and Ctrl-C ends the replay") {
  const test::TemporaryDirectory directory;
  Process process({"sh", "-c", "(head -c -12 \"$1\"; sleep 30) | exec \"$0\" --replay - --format jsonl",
                   test::probe_run(), opensnoop});
  CHECK(process.wait_for_out("nnnn", 10s));
}

TEST_CASE("A replay whose reader exits ends quietly") {
  const Finished result =
      test::run({"bash", "-c", "\"$0\" --replay \"$1\" --speed 0.01x | head -1; echo ${PIPESTATUS[0]}",
                 test::probe_run(), opensnoop});
  CHECK(result.out.find("\n0\n") != std::string::npos);
  CHECK(result.err == "");
}

TEST_CASE(
    "Ctrl-C ends a fast replay of a long recording, with whole lines and the figures of what was shown") {
  const test::TemporaryDirectory directory;
  test::make_synthetic_recording(directory / "long.rec", 300'000);
  // It waits for its reader, which reads nothing before the signal.
  Process process({test::probe_run(), "--replay", directory / "long.rec", "--format", "jsonl"});
  REQUIRE(process.wait_for_out("\n"));
  process.signal(SIGINT);
  const Finished result = process.finish(20s);
  CHECK(result.status == 0);
  CHECK(result.out.ends_with("}\n"));
  const bool summarised = result.out.find("{\"$summary\"") != std::string::npos;
  const auto lines = std::count(result.out.begin(), result.out.end(), '\n') - std::ptrdiff_t{summarised};
  CHECK(lines < 100'000);
  CAPTURE(result.err);
  CHECK(result.err.find("probe-run: " + std::to_string(lines) + " events, ") == 0);
}

TEST_CASE("A replay reports what is known only when its last rows are shown") {
  const test::TemporaryDirectory directory;
  test::make_synthetic_recording(directory / "some.rec", 100);
  directory.write("gauge.json", R"({
    "name": "gauge", "object": "sample.bpf.o",
    "programs": [{ "name": "any", "attach": { "type": "auto" } }],
    "maps": [{ "name": "events", "type": "struct event" }],
    "outputs": [{ "map": "events", "group_by": ["pid"], "aggregate": { "n": "count" }, "format": "prometheus",
                  "metrics": { "n": { "value": "n", "labels": [], "type": "gauge" } } }]
  })");
  const Finished done = replay({directory / "some.rec", directory / "gauge.json"});
  CAPTURE(done.err);
  CHECK(done.status == 0);
  const std::string warning =
      "warning: gauge: the metric \"n\" has several rows and no labels: the last one is kept\n";
  const std::size_t found = done.err.find(warning);
  REQUIRE(found != std::string::npos);
  CHECK(done.err.find(warning, found + 1) == std::string::npos);
}

TEST_CASE("A signal ends a replay whose reader takes nothing, and what it did not take is counted") {
  const test::TemporaryDirectory directory;
  test::make_synthetic_recording(directory / "long.rec", 30'000);
  const test::StuckReader reader(directory / "fifo");
  for (const std::string output : {"--output \"$1/fifo\"", "> \"$1/fifo\""}) {
    for (const std::string format : {"jsonl", "csv", "json"}) {
      INFO(output << " " << format);
      Process process(
          {"bash", "-c",
           "exec \"$0\" --replay \"$1/long.rec\" --stats \"$1/stats\" --format " + format + " " + output,
           test::probe_run(), directory.path()});
      CHECK_FALSE(process.wait_for_err("events", 1s));  // it has time, and so waits
      process.signal(SIGTERM);
      const Finished result = process.finish(20s);
      CHECK(result.status == 0);
      CHECK(result.err.find(" is too slow; ") == std::string::npos);
      CHECK(result.err.find(" did not take everything before the end; its last ") != std::string::npos);
      const std::string taken = reader.take();
      CHECK(taken.ends_with("\n"));
      const auto number = [](const std::string& text, const std::string& before) {
        return std::stoul(text.substr(text.find(before) + before.size()));
      };
      const std::string stats = directory.read("stats");
      const auto lines = static_cast<std::size_t>(std::count(taken.begin(), taken.end(), '\n'));
      const std::size_t head = format == "csv" || format == "json" ? 1 : 0;
      const std::size_t events = number(stats, "\"events\":"), lost = number(stats, "\"not_written\":");
      CHECK(lines > 100);
      // With the line that says that nobody counted the loss.
      const std::size_t last = format == "csv" ? 0 : 1;
      CHECK(lines - head + lost == events + last);
      CHECK(result.err.find(", " + std::to_string(lost) + " lines not written in ") != std::string::npos);
    }
  }
}

TEST_CASE("A replay waits for each of its readers") {
  const test::TemporaryDirectory directory;
  test::make_synthetic_recording(directory / "long.rec", 30'000);
  directory.write("two.json", R"({ "name": "two", "object": "sample.bpf.o",
    "programs": [{ "name": "any", "attach": { "type": "auto" } }],
    "maps": [{ "name": "events", "type": "struct event" }],
    "outputs": [{ "map": "events", "fields": ["pid"], "format": "jsonl" },
                { "map": "events", "fields": ["pid"], "format": "jsonl", "to": "rows" }] })");
  test::ProcessOptions options;
  options.directory = directory.path();
  const Finished result = test::run(
      {"bash", "-c", "\"$0\" --replay long.rec two.json | { sleep 1; cat; }", test::probe_run()}, options);
  // The last one says that nobody counted the loss.
  CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 30'001);
  CHECK((result.out == directory.read("rows")));
  CHECK(result.err.find("not written") == std::string::npos);
}

TEST_CASE("A recording of an architecture with other error numbers is shown with a warning") {
  const test::TemporaryDirectory directory;
  const auto object = test::object_of(test::event_types(), {test::map_info("events", BPF_MAP_TYPE_RINGBUF)});
  test::NoConsumer next;
  {
    probe_run::RecordingWriter writer(
        directory / "mips.rec",
        {"probe-run", "6.1", "mips64", 2, "s.json", std::string(test::synthetic_spec), {}}, *object, next);
    writer.finish();
  }
  const Finished result = replay({directory / "mips.rec"});
  CHECK(result.status == 0);
  CHECK(
      result.err.find(
          "warning: it was recorded on mips64, whose numbers of errors and signals differ from those of ") !=
      std::string::npos);
}

TEST_CASE("The output at intervals is the same at every speed") {
  const test::TemporaryDirectory directory;
  directory.write("groups.json", R"({ "name": "groups", "object": "opensnoop.bpf.o",
    "programs": [{ "name": "exit_openat", "attach": { "type": "auto" } }],
    "maps": [{ "name": "events", "type": "struct open_event" }],
    "outputs": [{ "map": "events", "group_by": ["err"], "aggregate": { "n": "count" }, "every": "20ms" }] })");
  for (const char* const format : {"jsonl", "table", "text", "csv"}) {
    INFO(format);
    const Finished fast = replay({opensnoop, directory / "groups.json", "--format", format});
    const Finished timed =
        replay({opensnoop, directory / "groups.json", "--format", format, "--speed", "2x"});
    CHECK(std::count(fast.out.begin(), fast.out.end(), '\n') > 3);
    CHECK(timed.out == fast.out);
    CHECK(timed.err == fast.err);
  }
}

namespace {

// Three records at once, nothing for 3.5 s, another record, and 0.5 s until the end.
std::string silent_recording(const test::TemporaryDirectory& directory) {
  const auto object = object_of(test::event_types(), {test::map_info("events", BPF_MAP_TYPE_RINGBUF)});
  test::NoConsumer next;
  std::string path = directory / "silent.rec";
  probe_run::RecordingWriter writer(
      path, {"probe-run", "6.1", "x86_64", 2, "s.json", std::string(test::synthetic_spec), {}}, *object,
      next);
  const test::RecordBytes record = test::event_record("worker", "/etc/passwd");
  writer.time(1'000'000'000, 0);
  for (int i = 0; i < 3; ++i) writer.record(0, record.view());
  writer.time(4'500'000'000, 0);
  writer.record(0, record.view());
  writer.time(5'000'000'000, 0);
  writer.finish();
  directory.write("intervals.json", R"({ "name": "intervals", "object": "sample.bpf.o",
    "programs": [{ "name": "any", "attach": { "type": "auto" } }],
    "maps": [{ "name": "events", "type": "struct event" }],
    "outputs": [{ "map": "events", "aggregate": { "n": "count", "speed": "rate" }, "every": "1s",
                  "format": "csv" }] })");
  return path;
}

}  // namespace

TEST_CASE("A replay shows intervals without events, as the run did") {
  const test::TemporaryDirectory directory;
  const std::string recording = silent_recording(directory);
  const Finished result = replay({recording, directory / "intervals.json"});
  CHECK(result.out == "n,speed\n3,3\n0,0\n0,0\n1,1\n");
  CHECK(replay({recording, directory / "intervals.json", "--speed", "10x"}).out == result.out);
}

TEST_CASE("A replay shows no intervals after the last event that --count allows") {
  const test::TemporaryDirectory directory;
  const Finished result = replay({silent_recording(directory), directory / "intervals.json", "--count", "2"});
  CHECK(result.out == "n,speed\n2,\n");
}

TEST_CASE("An empty file name is refused: an unset shell variable must not turn a replay into a run") {
  const Finished result = replay({"", PROBE_RUN_SOURCE_DIR "/specs/hello.json"});
  CHECK(result.err ==
        "probe-run: error: --replay requires a file name, not an empty string\n"
        "  hint: give a name or leave the option out; an unset shell variable is an empty string\n");
  CHECK(result.status == 2);
  for (const char* const option : {"--record", "--output", "--stats", "--btf", "--object-dir"}) {
    const Finished other =
        test::run({test::probe_run(), option, "", "--check", PROBE_RUN_SOURCE_DIR "/specs/hello.json"});
    CHECK(other.err.starts_with(std::string("probe-run: error: ") + option +
                                " requires a file name, not an empty string\n"));
    CHECK(other.status == 2);
  }
}

TEST_CASE("A refused spec does not truncate the file of an output") {
  const test::TemporaryDirectory directory;
  const std::string kept = directory / "kept.csv";
  const auto spec = [&](const std::string& field) {
    directory.write("opens.json", R"({ "name": "opens", "object": "opensnoop.bpf.o",
      "programs": [{ "name": "exit_openat", "attach": { "type": "auto" } }],
      "maps": [{ "name": "events", "type": "struct open_event" }],
      "outputs": [{ "map": "events", "fields": [")" +
                                      field + R"("], "format": "csv", "to": ")" + kept + R"(" }] })");
    return std::string(directory / "opens.json");
  };
  directory.write("kept.csv", "of yesterday\n");
  CHECK(replay({opensnoop, spec("comn")}).status == 2);
  CHECK(bytes_of(kept) == "of yesterday\n");
  CHECK(test::run({test::probe_run(), spec("comn")}).status == 2);
  CHECK(bytes_of(kept) == "of yesterday\n");
  CHECK(replay({opensnoop, spec("comm"), "--count", "1"}).status == 0);
  CHECK(bytes_of(kept) == "comm\nbash\n");
}

TEST_CASE("Where a file is written, - is standard output") {
  const Finished whole = replay({opensnoop, "--format", "csv"});
  CHECK(replay({opensnoop, "--format", "csv", "--output", "-"}).out == whole.out);
  const Finished figures = replay({opensnoop, "--format", "csv", "--stats", "-"});
  REQUIRE(figures.out.starts_with(whole.out));
  CHECK(
      figures.out.substr(whole.out.size()).starts_with(R"({"seconds":0.377,"specs":[{"name":"opensnoop",)"));
  CHECK_FALSE(std::filesystem::exists("-"));
}

TEST_CASE("--describe of a spec without a description shows only its name") {
  const test::TemporaryDirectory directory;
  directory.write("bare.json", R"({ "name": "bare", "object": "opensnoop.bpf.o",
    "programs": [{ "name": "exit_openat", "attach": { "type": "auto" } }] })");
  const Finished result = test::run({test::probe_run(), "--describe", directory / "bare.json"});
  CHECK(result.out.starts_with("bare\nobject: "));
}

TEST_CASE("An option of the whole run may be given only once") {
  const Finished result = replay({opensnoop, "--format", "csv", "--format", "json"});
  CHECK(result.err ==
        "probe-run: error: --format is given 2 times\n  hint: give it once: it applies to the whole run\n");
  CHECK(result.status == 2);
  CHECK(replay({opensnoop, "--object-dir", ".", "--object-dir", "/"}).status == 0);
}

TEST_CASE("A replay with standard output closed waits for the recorded times without using the CPU") {
  const Finished result =
      test::run({"bash", "-c", "time \"$0\" --replay \"$1\" --speed 0.5x --output /dev/null >&-",
                 test::probe_run(), opensnoop});
  INFO(result.err);
  const std::size_t user = result.err.find("user\t0m");
  REQUIRE(user != std::string::npos);
  CHECK(std::stod(result.err.substr(user + 7)) < 0.3);  // of 0.75 s
}
