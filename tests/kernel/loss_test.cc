// What is not known is not shown as 0: streams that nobody counts, calls that the kernel misses, the last losses of a
// perf buffer, and all that was in a ring when the run ended.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <fstream>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

std::string without_counter(const Directory& directory, const std::string& name) {
  return edited_spec(directory, own_spec_file(name), [](json& spec) { spec["maps"][0].erase("lost"); });
}

// The probe does not read while the actor acts.
Finished flood_unread(const std::string& spec, std::uint64_t calls, const std::vector<std::string>& more) {
  Actor actor(calling_getppid(calls));
  std::vector<std::string> arguments = {"--set", "pid=" + actor.id()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  Probe probe(probe_command(spec, arguments));
  ::kill(probe.pid(), SIGSTOP);
  actor.act();
  ::kill(probe.pid(), SIGTERM);
  ::kill(probe.pid(), SIGCONT);
  return probe.finish();
}

// Many processes that sleep at the same time: more than the kernel follows to their returns.
constexpr int sleepers = 200, sleeps = 3;
std::string sleep_together() {
  for (int i = 0; i < sleepers; ++i) {
    if (::fork() != 0) continue;
    for (int turn = 0; turn < sleeps; ++turn) {
      const timespec pause{0, 400'000'000};
      ::nanosleep(&pause, nullptr);
    }
    ::_exit(0);
  }
  while (::wait(nullptr) > 0) {
  }
  return {};
}

}  // namespace

TEST_CASE("a ring buffer whose losses nobody counts does not report 0 lost") {
  const Directory directory;
  const std::string spec = without_counter(directory, "flood");
  const std::string stats = directory / "stats.json";
  const Finished done = flood_unread(spec, 10'000, {"--set", "ring=4096", "--stats", stats});
  INFO(done.err);
  CHECK(contains(done.err, " events, loss not counted, "));
  const json figures = json::parse(read_file(stats)).at("specs").at(0).at("figures");
  CHECK(figures.at("lost").is_null());
  CHECK(figures.at("uncounted_streams") == 1);
  CHECK(json_lines(done.out).back().at("$summary").at("lost").is_null());
}

TEST_CASE("the last losses of a perf buffer are counted, without a drop counter in the object") {
  if (!kernel_is_at_least(6, 0)) {
    WARN("this kernel does not count what a perf buffer lost (Linux 6.0 does)");
    return;
  }
  const Directory directory;
  const std::string spec = without_counter(directory, "flood_perf");
  constexpr std::uint64_t calls = 50'000;
  const Finished done = flood_unread(spec, calls, {"--output", "/dev/null"});
  INFO(done.err);
  const Summary summary = summary_of(done.err);
  CHECK(summary.lost > 0);
  CHECK(summary.events + summary.lost == calls);
}

TEST_CASE("everything in a large ring buffer is delivered when a run ends", "[host]") {
  constexpr std::uint64_t calls = 8'600'000;
  const Finished done =
      flood_unread(own_spec_file("flood"), calls, {"--set", "ring=268435456", "--output", "/dev/null"});
  INFO(done.err);
  CHECK(summary_of(done.err).events == calls);
  CHECK(summary_of(done.err).lost == 0);
}

TEST_CASE("returns that the kernel misses are counted, or reported as not counted, with kprobes") {
  if (!has_kprobes()) {
    WARN("this kernel has no kprobes");
    return;
  }
  const Directory directory;
  const auto program = [](const char* name, const char* type) {
    return json{{"name", name}, {"attach", {{"type", type}, {"symbol", "do_nanosleep"}}}};
  };
  json spec = {{"name", "missed"}, {"object", "missed.bpf.o"}};
  spec["programs"] = json::array({program("on_return", "kretprobe"), program("on_entry", "kprobe")});
  spec["maps"] = json::array(
      {{{"name", "events"}, {"type", "struct return_event"}}, {{"name", ".bss"}, {"poll", "1h"}}});
  spec["outputs"] = json::array(
      {{{"map", "events"}, {"to", "/dev/null"}}, {{"map", ".bss"}, {"every", "exit"}, {"format", "jsonl"}}});
  const std::string path = directory / "missed.json";
  std::ofstream(path) << spec.dump(2) << '\n';
  const std::string stats = directory / "stats.json";
  Actor actor(sleep_together);
  Probe probe(probe_command(path, {"--stats", stats}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CAPTURE(done.out);
  const json counted = json_lines(done.out).at(0);
  const std::uint64_t entries = counted.at("entries"), returns = counted.at("returns");
  CHECK(entries >= std::uint64_t{sleepers} * sleeps);
  REQUIRE(returns < entries);
  const json report = json::parse(read_file(stats)).at("specs").at(0);
  CAPTURE(report.dump());
  const json kretprobe = report.at("kernel").at(0);
  CHECK(kretprobe.at("program") == "on_return");
  if (kernel_is_at_least(6, 7)) {
    // A sleep that is in progress at either end of the run has an entry or a return only.
    const std::uint64_t missed = report.at("figures").at("missed");
    CHECK(missed + returns + 5 >= entries);
    CHECK(missed + returns <= entries + 5);
    CHECK(contains(done.err, " missed, "));
    CHECK(contains(done.err, "warning: missed: kretprobe:do_nanosleep missed "));
    CHECK(contains(done.err, "use \"fexit\", which has no limit on calls in progress"));
    CHECK(kretprobe.at("missed") > 0);
  } else {
    CHECK(kretprobe.at("missed").is_null());
    CHECK(report.at("figures").at("missed").is_null());
    CHECK(contains(done.err, ", missed calls of 2 programs not counted, "));
  }
}
