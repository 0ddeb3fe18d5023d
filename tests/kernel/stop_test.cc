// How a run ends: signals, --duration, --count, a reader that exits.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

namespace {

std::vector<std::string> flooding(const Actor& actor, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.end(), {"--set", "pid=" + actor.id()});
  return probe_command(own_spec_file("flood"), arguments);
}

std::string shell_text(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) text += "'" + word + "' ";
  return text;
}

// The flood whose only output is standard output.
std::string rows_alone(const Directory& directory) {
  return edited_spec(directory, own_spec_file("flood"),
                     [](nlohmann::json& spec) { spec["outputs"].erase(1); });
}

// Never returns: makes calls, with a short pause after every hundred, so that others get the CPU too.
std::string call_for_ever() {
  for (;;) {
    calling_getppid(100)();
    ::usleep(1000);
  }
}

}  // namespace

TEST_CASE("a signal stops a run, after what is queued and the last outputs") {
  for (const int signal : {SIGINT, SIGTERM}) {
    INFO(signal);
    constexpr std::size_t queued = 100'000;
    Actor actor(calling_getppid(queued));
    const Directory directory;
    const std::string counts = directory / "counts";
    Probe probe(flooding(actor, {"--set", "counts=" + counts}));
    // When the signal arrives, all records are in the ring buffer and none has been read.
    ::kill(probe.pid(), SIGSTOP);
    REQUIRE(eventually(
        [&] { return contains(read_file("/proc/" + std::to_string(probe.pid()) + "/stat"), ") T "); }));
    actor.act();
    ::kill(probe.pid(), signal);
    const Finished done = probe.stop(SIGCONT);
    CHECK(done.status == 0);
    CHECK(split_lines(done.out).size() == queued);
    CHECK(summary_of(done.err).events == queued);
    CHECK(summary_of(done.err).lost == 0);
    CHECK(contains(read_file(counts), std::to_string(queued)));
  }
}

TEST_CASE("a signal stops a run that is never idle") {
  Actor actor([] {
    for (;;) calling_getppid(1000)();
    return std::string();
  });
  Probe probe(flooding(actor));
  actor.begin();
  REQUIRE(probe.process().wait_for_out("\n"));
  const auto begin = std::chrono::steady_clock::now();
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  CHECK(std::chrono::steady_clock::now() - begin < patiently(std::chrono::seconds(5)));
  CHECK(summary_of(done.err).events == split_lines(done.out).size());
}

TEST_CASE("--duration ends a run", "[host]") {
  Actor actor(call_for_ever);
  actor.begin();
  for (const auto& [text, seconds] : {std::pair{"500ms", 0.5}, std::pair{"1.5s", 1.5}}) {
    Probe probe(flooding(actor, {"--duration", text}));
    const Finished done = probe.finish();
    CHECK(done.status == 0);
    const Summary summary = summary_of(done.err);
    CHECK(summary.seconds >= seconds - 0.06);
    CHECK(summary.seconds <= seconds + 0.4);
    CHECK(summary.events > 0);
    CHECK(summary.events == split_lines(done.out).size());
  }
}

TEST_CASE("--duration ends a run without events") {
  Probe probe(
      probe_command(spec_file("opensnoop"), {"--set", "pid=1", "--set", "uid=54399", "--duration", "300ms"}));
  const Finished done = probe.finish();
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).events == 0);
}

TEST_CASE("--count prints exactly that many lines") {
  Actor actor(call_for_ever);
  actor.begin();
  for (const std::size_t count : {1u, 7u, 8192u, 10'000u}) {
    Probe probe(flooding(actor, {"--count", std::to_string(count)}));
    const Finished done = probe.finish();
    CHECK(done.status == 0);
    CHECK(split_lines(done.out).size() == count);
    CHECK(summary_of(done.err).events == count);
  }
}

TEST_CASE("a reader that exits early ends the run quietly") {
  Actor actor(call_for_ever);
  actor.begin();
  const Directory directory;
  const std::string command =
      shell_text(probe_command(rows_alone(directory), {"--quiet", "--set", "pid=" + actor.id()}));
  const Finished done = run({"bash", "-c", "set -o pipefail; " + command + "| head -3"});
  CHECK(done.status == 0);
  CHECK(split_lines(done.out).size() == 3);
  CHECK(done.err.empty());
}

TEST_CASE("a reader that has exited ends a run that has nothing to write") {
  const auto begin = std::chrono::steady_clock::now();
  Actor actor(calling_getppid(1));
  const Directory directory;
  const std::string command =
      shell_text(probe_command(rows_alone(directory), {"--set", "pid=" + actor.id()}));
  Process process({"bash", "-c", "set -o pipefail; " + command + "| head -1"});
  REQUIRE(process.wait_for_err(": attached to ", patiently(std::chrono::seconds(20))));
  actor.act();
  const Finished done = process.finish(patiently(std::chrono::seconds(10)));
  CHECK(done.status == 0);
  CHECK(split_lines(done.out).size() == 1);
  CHECK(std::chrono::steady_clock::now() - begin < patiently(std::chrono::seconds(8)));
}

TEST_CASE("a line is written to the pipe at once, while the probe runs") {
  Actor actor(calling_getppid(1));
  Probe probe(flooding(actor));
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    actor.act();
    REQUIRE(probe.process().wait_for_out("{\"number\":" + std::to_string(i) + ","));
    CHECK(std::chrono::steady_clock::now() - begin < patiently(Milliseconds(500)));
  }
  CHECK(probe.stop().status == 0);
}

TEST_CASE("a reader that stops reading cannot keep a run from being stopped") {
  const Directory directory;
  const std::string pipe = directory / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  Actor actor(calling_getppid(50'000));
  Probe probe(flooding(actor, {"--output", pipe}));
  actor.act();
  int waiting = 0;  // bytes in the pipe: until it is full
  REQUIRE(eventually([&] { return ::ioctl(reader, FIONREAD, &waiting) == 0 && waiting >= 60 * 1024; }));
  const std::string stat = "/proc/" + std::to_string(probe.pid()) + "/stat";
  REQUIRE(eventually([&] { return contains(read_file(stat), ") S "); }));
  // The first asks it to stop, which may take as long as the reader does; one that comes half a second later does not
  // ask.
  probe.process().signal(SIGINT);
  std::this_thread::sleep_for(Milliseconds(700));
  probe.process().signal(SIGTERM);
  CHECK(probe.process().finish(patiently(std::chrono::seconds(10))).status == 128 + SIGTERM);
  ::close(reader);
}
