// Destinations of the output, and what happens when they cannot be written to.

#include <csignal>
#include <filesystem>
#include <fstream>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

namespace {

std::vector<std::string> flooding(const Actor& actor, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.end(), {"--set", "pid=" + actor.id()});
  return probe_command(own_spec_file("flood"), arguments);
}

// Redirects the command's standard output.
std::vector<std::string> redirected(const std::vector<std::string>& command, const std::string& to) {
  std::vector<std::string> words{"sh", "-c", "exec \"$@\" >" + to, "sh"};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

void check_full(Probe& probe, const std::string& name) {
  // The run ends by itself: it has nowhere left to write.
  const Finished done = probe.finish();
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "cannot write to " + name + ": No space left on device"));
}

}  // namespace

TEST_CASE("a full disk ends a run with an error that names the file", "[host]") {
  Actor actor(calling_getppid(10));
  {
    Probe probe(flooding(actor, {"--output", "/dev/full"}));
    actor.act();
    check_full(probe, "/dev/full");
  }
  {
    Probe probe(redirected(flooding(actor), "/dev/full"));
    actor.act();
    check_full(probe, "standard output");
  }
}

TEST_CASE("a full disk is an error even if only the last output hits it", "[host]") {
  Actor actor(calling_getppid(10));
  Probe probe(flooding(actor, {"--set", "counts=/dev/full"}));
  actor.act();
  const Finished done = probe.stop();
  CHECK(done.status == 1);
  CHECK(contains(done.err, "cannot write to /dev/full: No space left on device"));
  CHECK(split_lines(done.out).size() == 10);
}

TEST_CASE("a recording that cannot be written is an error", "[host]") {
  Actor actor(calling_getppid(10));
  const Finished done = run(flooding(actor, {"--record", "/dev/full"}));
  CHECK(done.status == 1);
  CHECK(contains(done.err, "cannot write the recording /dev/full: No space left on device"));
  const Finished directory = run(flooding(actor, {"--record", "/does/not/exist"}));
  CHECK(directory.status == 1);
  CHECK(contains(directory.err, "cannot write the recording /does/not/exist: No such file or directory"));
}

TEST_CASE("--output writes to a file exactly what would go to standard output", "[host]") {
  const Directory directory;
  const std::string file = directory / "lines";
  std::ofstream(file) << "what was there before\n";
  Actor actor(calling_getppid(3));
  Probe probe(flooding(actor, {"--output", file}));
  actor.act();
  // It can be read while the probe runs.
  CHECK(eventually([&] { return read_file(file).size() > 20; }));
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  CHECK(done.out.empty());
  const std::string end = ",\"pid\":" + actor.id() + "}\n";
  CHECK(read_file(file) == "{\"number\":0" + end + "{\"number\":1" + end + "{\"number\":2" + end);
}

TEST_CASE("--output to a directory that does not exist is an error before anything attaches", "[host]") {
  Actor actor(calling_getppid(1));
  const Finished done = run(flooding(actor, {"--output", "/does/not/exist"}));
  CHECK(done.status != 0);
  CHECK(contains(done.err, "cannot write to /does/not/exist: No such file or directory"));
  CHECK_FALSE(contains(done.err, "attached"));
}

TEST_CASE("--quiet leaves standard error empty and does not change the data", "[host]") {
  Actor actor(calling_getppid(4));
  Process process(flooding(actor, {"--quiet", "--count", "4", "--format", "csv"}));
  // No message says that it is attached: act until it has seen enough.
  REQUIRE(eventually([&] {
    actor.act();
    return process.wait_for_out("\n3,", Milliseconds(50));
  }));
  const Finished done = process.finish();
  CHECK(done.status == 0);
  CHECK(done.err.empty());
  CHECK(split_lines(done.out).size() == 5);
}

TEST_CASE("files are kept if the run cannot start, and standard output may be truncated by others",
          "[host]") {
  const Directory directory;
  for (const char* const name : {"rows", "recording", "counts"}) std::ofstream(directory / name) << "old\n";
  Actor actor(calling_getppid(3));
  const std::string refused = edited_spec(directory, own_spec_file("flood"), [](nlohmann::json& spec) {
    spec["programs"][0]["attach"]["name"] = "no_such_tracepoint";
  });
  const Finished done =
      run(probe_command(refused, {"--set", "pid=" + actor.id(), "--output", directory / "rows", "--record",
                                  directory / "recording", "--stats", directory / "counts"}));
  CHECK(done.status == 1);
  for (const char* const name : {"rows", "recording", "counts"})
    CHECK(read_file(directory / name) == "old\n");

  const std::string log = directory / "log";
  Probe probe(redirected(flooding(actor), log));
  actor.act();
  CHECK(eventually([&] { return whole_lines(read_file(log)) == 3; }));
  std::filesystem::resize_file(log, 0);  // as logrotate's copytruncate
  actor.act();
  CHECK(probe.stop().status == 0);
  CHECK(read_file(log) == "{\"number\":3,\"pid\":" + actor.id() + "}\n{\"number\":4,\"pid\":" + actor.id() +
                              "}\n{\"number\":5,\"pid\":" + actor.id() + "}\n");
}

TEST_CASE("no output is a file that the run reads, or that another writes", "[host]") {
  const Directory directory;
  const auto flood = [&](const std::string& name, const std::string& to) {
    std::filesystem::create_directory(directory / name);
    const std::string file = edited_spec(directory, own_spec_file("flood"), [&](nlohmann::json& spec) {
      spec["name"] = name;
      spec["outputs"][0]["to"] = to;
    });
    std::filesystem::rename(file, directory / name + ".json");
    return directory / name + ".json";
  };
  const auto refusal = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--set", "pid=1", "--duration", "100ms"});
    return run(probe_command(arguments.front(), {arguments.begin() + 1, arguments.end()}));
  };
  const std::string one = flood("one", directory / "rows"), two = flood("two", directory / "one.json");
  const std::string before = read_file(one);
  // A mistake in one keeps both from running.
  const Finished both = refusal({two, one});
  CHECK(both.status == 2);
  CHECK(contains(both.err, "one.json is the same file as the spec " + one));
  CHECK(contains(both.err, "nothing was attached"));
  CHECK_FALSE(contains(both.err, "attached to "));
  for (const std::string option : {"--stats", "--record"}) {
    const Finished done = refusal({one, option, one});
    CHECK(done.status == 2);
    CHECK(contains(done.err, option + " " + one + " is the same file as the spec " + one));
    CHECK_FALSE(contains(done.err, "attached"));
  }
  CHECK(read_file(one) == before);
  const Finished recording = refusal({one, "--record", directory / "rows"});
  CHECK(recording.status == 2);
  CHECK(contains(recording.err, "one.json:"));
  CHECK(contains(recording.err, "rows is the same file as --record "));
}

TEST_CASE("two specs run side by side, each with its own output", "[host]") {
  Actor actor(calling_getppid(6));
  const Directory directory;
  const std::string perf = edited_spec(directory, own_spec_file("flood_perf"), [&](nlohmann::json& spec) {
    spec["outputs"][0]["to"] = directory / "perf";
  });
  std::vector<std::string> command =
      probe_command(own_spec_file("flood"), {perf, "--set", "pid=" + actor.id()});
  Process process(command);
  REQUIRE(process.wait_for_err("flood_perf: attached to tracepoint", patiently(std::chrono::seconds(20))));
  actor.act();
  process.signal(SIGINT);
  const Finished done = process.finish(patiently(std::chrono::seconds(20)));
  CHECK(done.status == 0);
  CHECK(split_lines(done.out).size() == 6);
  CHECK(read_file(directory / "perf") == done.out);
  CHECK(summary_of(done.err).events == 12);
}
