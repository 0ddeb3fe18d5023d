// Replaying a recording gives the output of the run, byte for byte.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>

#include "actor.h"
#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

namespace {

const std::vector<std::string> formats{"text", "table", "jsonl", "csv"};

Finished replay(const std::string& recording, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.begin(), {probe_run(), "--replay", recording});
  return run(arguments);
}

// The line, without the time that the run took.
std::string figures(const std::string& err) {
  const std::string line = err.substr(err.rfind("probe-run: "));
  return line.substr(0, line.rfind(" in "));
}

// Runs the probe once in each format and replays every recording in each: in the format of the run, the
// output must be the same. Returns the outputs by format.
std::vector<std::string> check_replays(
    const std::function<std::vector<std::string>(std::vector<std::string>)>& command,
    const std::function<void()>& act) {
  const Directory directory;
  std::vector<std::string> live;
  for (const std::string& format : formats) {
    INFO(format);
    const std::string recording = directory / format;
    Probe probe(command({"--format", format, "--record", recording}));
    act();
    const Finished done = probe.stop();
    REQUIRE(done.status == 0);
    const Finished again = replay(recording, {"--format", format});
    CHECK(again.status == 0);
    CHECK((again.out == done.out));  // in parentheses: too long to be shown
    CHECK(figures(again.err) == figures(done.err));
    live.push_back(done.out);
  }
  return live;
}

}  // namespace

TEST_CASE("the recording of a stream replays identically in every format", "[host]") {
  Actor actor(
      opening({{"/dev/null", O_RDONLY}, {"no such\nfile \xff\x1b[2J \"x\",", O_RDONLY}, {"", O_RDONLY}}));
  const std::vector<std::string> live = check_replays(
      [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--set", "pid=" + actor.id()});
        return probe_command(spec_file("opensnoop"), arguments);
      },
      [&] { actor.act(); });
  CHECK(split_lines(live[0]).size() == 3);
  CHECK(split_lines(live[1]).size() == 4);
  CHECK(split_lines(live[2]).size() == 3);
}

TEST_CASE("the recording of a polled map replays identically in every format", "[host]") {
  Network network;
  const std::vector<std::string> live = check_replays(
      [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--set", "iface=" + network.iface()});
        return in_network(network.name(), probe_command(spec_file("packet_stats"), arguments));
      },
      [&] { network.send(udp4(5353), 25); });
  for (const std::string& text : live) CHECK(contains(text, "25"));
}

TEST_CASE("the recording of printed lines replays identically in every format", "[host]") {
  const std::string name = unique_name("say");
  const std::vector<std::string> live = check_replays(
      [](std::vector<std::string> arguments) { return probe_command(spec_file("hello"), arguments); },
      [&] { start_programs(3, name, "/bin/true"); });
  for (const std::string& text : live) CHECK(contains(text, "hello from " + name + " (pid "));
}

TEST_CASE("the recording of a flood has every event and every loss", "[host]") {
  const Directory directory;
  const std::string recording = directory / "recording";
  const std::uint64_t size = std::min<std::uint64_t>(flood_size(), 200'000);
  Actor actor(calling_getppid(size));
  Probe probe(probe_command(own_spec_file("flood"),
                            {"--set", "pid=" + actor.id(), "--set", "ring=16384", "--record", recording}));
  actor.begin();
  probe.read_until([&] { return actor.has_acted(); });
  const Finished done = probe.stop();
  REQUIRE(done.status == 0);
  const Summary summary = summary_of(done.err);
  CHECK(summary.events + summary.lost == size);
  const Finished again = replay(recording, {own_spec_file("flood")});
  CHECK(again.status == 0);
  CHECK((again.out == done.out));  // in parentheses: too long to be shown
  CHECK(figures(again.err) == figures(done.err));
}

TEST_CASE("replaying a recording with its own spec writes no files", "[host]") {
  const Directory directory;
  const std::string recording = directory / "recording";
  const std::string counts = directory / "counts";
  Actor actor(calling_getppid(5));
  Probe probe(probe_command(own_spec_file("flood"), {"--set", "pid=" + actor.id(), "--set",
                                                     "counts=" + counts, "--record", recording}));
  actor.act();
  const Finished done = probe.stop();
  const std::string written = read_file(counts);
  CHECK(contains(written, "5"));
  std::filesystem::remove(counts);
  const Finished again = replay(recording);
  CHECK(again.status == 0);
  CHECK_FALSE(std::filesystem::exists(counts));
  CHECK(again.out == done.out + written);
  CHECK(contains(again.err, "warning: ignoring the target " + counts));
}

TEST_CASE("the recording of a killed run replays up to that point", "[host]") {
  const Directory directory;
  const std::string recording = directory / "recording";
  Actor actor(calling_getppid(1000));
  Probe probe(probe_command(own_spec_file("flood"), {"--set", "pid=" + actor.id(), "--record", recording}));
  actor.act();
  REQUIRE(probe.process().wait_for_out("{\"number\":999,"));
  // Like the lines, it is written when the loop becomes idle.
  std::uintmax_t size = 0;
  REQUIRE(eventually([&] {
    const std::uintmax_t before = size;
    size = std::filesystem::file_size(recording);
    return size == before && size > 1000 * 16;
  }));
  const Finished killed = probe.stop(9);
  const Finished again = replay(recording, {own_spec_file("flood")});
  // Whether anything was lost, the last counts would have said.
  CHECK(again.out.starts_with(killed.out + "{\"$summary\":"));
  CHECK(split_lines(again.out).size() == 1001);
  CHECK(again.status == 1);  // it is cut off
  CHECK(contains(again.err, "warning: "));
}

TEST_CASE("A full disk ends a run that records, and the recording replays up to that point", "[host]") {
  const Directory directory;
  const std::string disk = directory / "disk";
  std::filesystem::create_directory(disk);
  REQUIRE(::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=128k") == 0);
  const std::string recording = disk + "/recording";
  Actor actor(calling_getppid(50'000));
  Probe probe(probe_command(own_spec_file("flood"), {"--set", "pid=" + actor.id(), "--record", recording}));
  actor.begin();
  probe.read_until([&] { return actor.has_acted(); });
  const Finished ended = probe.process().finish();  // by itself
  const std::uintmax_t size = std::filesystem::file_size(recording);
  const Finished again = replay(recording, {own_spec_file("flood")});
  CHECK(::umount(disk.c_str()) == 0);
  CHECK(ended.status == 1);
  CHECK(contains(ended.err, "error: cannot write the recording " + recording + ": No space left on device"));
  CHECK(again.status == 1);
  CHECK(contains(again.err, fmt::format("it was cut at byte {}: its end is missing", size)));
  CHECK(split_lines(again.out).size() > 1000);
  // All of it was shown live, too; the last lines are maps read at the end of the run.
  const std::size_t rows = again.out.rfind("{\"number\":");
  CHECK((ended.out.starts_with(again.out.substr(0, rows))));
}

TEST_CASE("A recording written to a pipe can be replayed during the run", "[host]") {
  Actor actor(opening({{"/dev/null", O_RDONLY}, {"/nowhere", O_RDONLY}}));
  const std::string command =
      fmt::format("exec {0} --record - {1} --set pid={2} | {0} --replay - --format csv", probe_run(),
                  spec_file("opensnoop"), actor.id());
  Process process({"bash", "-c", command});
  REQUIRE(process.wait_for_err("attached to"));
  actor.act();
  CHECK(process.wait_for_out("/nowhere"));
}

TEST_CASE("A run that records to a pipe ends when the reader exits", "[host]") {
  Actor actor(calling_getppid(200'000));
  const std::string command =
      fmt::format("{} --record - {} --set pid={} | head -c 100000 | wc -c; echo ${{PIPESTATUS[0]}}",
                  probe_run(), own_spec_file("flood"), actor.id());
  Process process({"bash", "-c", command});
  REQUIRE(process.wait_for_err("attached to"));
  actor.act();
  const Finished done = process.finish();
  CHECK(done.out == "100000\n0\n");
  CHECK(!contains(done.err, "error"));
}

TEST_CASE("A recording to a file that cannot be written is refused", "[host]") {
  const auto refusal = [](const std::vector<std::string>& arguments) {
    const Finished done = run(probe_command(spec_file("opensnoop"), arguments));
    CHECK(done.status != 0);
    return done.err;
  };
  CHECK(contains(refusal({"--record", "/tmp"}), "cannot write the recording /tmp: Is a directory"));
  CHECK(contains(refusal({"--record", "x", "--output", "x"}), "--record and --output name the same file"));
  CHECK(contains(refusal({"--record", "-", "--output", "stdout"}),
                 "--record - and --output - cannot share stdout"));
}
