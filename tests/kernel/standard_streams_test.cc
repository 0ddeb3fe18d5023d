// Standard streams that are closed, full, stuck or without a reader: they cost what is written to them, and no more.
#include <unistd.h>

#include <csignal>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

// Calls until it is stopped.
std::string call_for_ever() {
  for (;;) {
    calling_getppid(100)();
    ::usleep(1000);
  }
}

// `command` in a shell that has prepared its own standard streams by `setup`.
std::vector<std::string> after(const std::string& setup, const std::vector<std::string>& command) {
  std::vector<std::string> words{"bash", "-c", setup + "; exec \"$@\"", "bash"};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

std::vector<std::string> for_a_moment(const Actor& actor, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.end(), {"--set", "pid=" + actor.id(), "--duration", "500ms"});
  return probe_command(own_spec_file("flood"), arguments);
}

// A pipe that is full, and whose reader does not read.
std::string stuck_standard_error(const Directory& directory) {
  const std::string fifo = "'" + directory / "stuck" + "'";
  return "mkfifo " + fifo + "; sleep 60 <" + fifo + " >/dev/null 2>&1 & exec 2>" + fifo +
         "; head -c 65536 /dev/zero >&2";
}

}  // namespace

TEST_CASE("what cannot be written to standard error costs a run nothing", "[host]") {
  Actor actor(call_for_ever);
  actor.begin();
  const Directory directory;
  for (const std::string& setup :
       {std::string("exec 2>/dev/full"), std::string("exec 2>&-"), std::string("exec 2> >(true); sleep 0.1"),
        stuck_standard_error(directory)}) {
    INFO(setup);
    const Finished done = run(after(setup, for_a_moment(actor)));
    CHECK(done.status == 0);
    // Nothing of it comes among the rows either.
    const std::vector<json> rows = json_lines(done.out);
    CHECK(rows.size() > 0);
    std::filesystem::remove(directory / "stuck");
  }
}

TEST_CASE("standard streams that are closed at the start are not taken for files of the run", "[host]") {
  Actor actor(call_for_ever);
  actor.begin();
  const Directory directory;
  const std::string rows = directory / "rows.jsonl";
  SECTION("standard output") {
    const Finished done = run(after("exec >&-", for_a_moment(actor)));
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(summary_of(done.err).events > 0);
  }
  SECTION("all of them, and rows go to a file") {
    const Finished done = run(after("exec <&- >&- 2>&-", for_a_moment(actor, {"--output", rows})));
    CHECK(done.status == 0);
    CHECK(json_lines(read_file(rows)).size() > 0);
  }
  SECTION("standard output, and a recording is made") {
    const std::string recording = directory / "run.rec";
    const Finished done = run(after("exec >&-", for_a_moment(actor, {"--record", recording})));
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(run({probe_run(), "--replay", recording}).status == 0);
  }
}

TEST_CASE("the end of standard output's reader ends only what writes there", "[host]") {
  Actor actor(call_for_ever);
  actor.begin();
  const Directory directory;
  const std::string rows = directory / "rows.jsonl";
  const auto unread = [](const std::vector<std::string>& command) {
    return after("exec > >(true); sleep 0.1", command);
  };
  SECTION("nothing, where rows go to a file") {
    const Finished done = run(unread(for_a_moment(actor, {"--output", rows})));
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(summary_of(done.err).seconds >= 0.44);
    CHECK(json_lines(read_file(rows)).size() == summary_of(done.err).events);
  }
  SECTION("nothing, where a recording is made") {
    const std::string recording = directory / "run.rec";
    const Finished done = run(unread(for_a_moment(actor, {"--record", recording})));
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(summary_of(done.err).seconds >= 0.44);
  }
  SECTION("one of two specs") {
    const Directory another;
    const std::string other = edited_spec(another, own_spec_file("flood_perf"), [&](json& spec) {
      spec["name"] = "other";
      spec["outputs"] = json::array({{{"map", "events"}, {"format", "jsonl"}, {"to", rows}}});
    });
    const std::string only_rows =
        edited_spec(directory, own_spec_file("flood"), [](json& spec) { spec["outputs"].erase(1); });
    const Finished done =
        run(unread(probe_command(only_rows, {other, "--set", "pid=" + actor.id(), "--duration", "1s"})));
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(summary_of(done.err).seconds >= 0.94);
    CHECK(json_lines(read_file(rows)).size() > 0);
  }
}

TEST_CASE("signals that come together are one request to stop", "[host]") {
  Actor actor(call_for_ever);
  actor.begin();
  const Directory directory;
  for (int i = 0; i < 5; ++i) {
    const std::string rows = directory / "rows.json";
    Probe probe(probe_command(own_spec_file("flood"),
                              {"--set", "pid=" + actor.id(), "--output", rows, "--format", "json"}));
    // As timeout(1) does: to its child, and at once to the child's process group.
    ::kill(probe.pid(), SIGTERM);
    ::kill(probe.pid(), SIGTERM);
    ::kill(probe.pid(), SIGINT);
    const Finished done = probe.finish();
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(json::parse(read_file(rows)).is_array());
  }
}

TEST_CASE("a file's limit of size is an error of the file, not the end of the process", "[host]") {
  Actor actor(call_for_ever);
  actor.begin();
  const Directory directory;
  const std::string rows = directory / "rows.jsonl";
  const Finished done = run(after("ulimit -f 4", for_a_moment(actor, {"--output", rows})));
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "rows.jsonl: File too large"));
  CHECK(json_lines(read_file(rows)).size() > 0);
}
