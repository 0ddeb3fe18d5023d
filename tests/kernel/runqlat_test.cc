// runqlat: the waits of one process match the scheduler's events, with each of its ways.
#include <unistd.h>

#include <ctime>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

// A process that sleeps and yields again and again.
Actor sleeper() {
  return Actor([] {
    for (int i = 0; i < 50; ++i) {
      const timespec little{0, 1'000'000};
      ::nanosleep(&little, nullptr);
    }
    return std::string();
  });
}

std::uint64_t switches_of(const Actor& actor) {
  return status_number(actor.pid(), "voluntary_ctxt_switches:") +
         status_number(actor.pid(), "nonvoluntary_ctxt_switches:");
}

// Whether it has left its CPU. The state in /proc/PID/stat changes to sleep a little earlier, before the
// switch.
bool is_asleep(const Actor& actor) {
  return !contains(read_file("/proc/" + actor.id() + "/syscall"), "running");
}

// Counts from the records of scheduling.bpf.c.
struct Steps {
  std::uint64_t left = 0;   // a CPU
  std::uint64_t waits = 0;  // whose beginning and end a program saw
};

// A kernel may not run BPF programs while a task of some process runs (seen with process 1 of a virtual
// machine). A wakeup by a timer interrupt at that time is not shown, nor is the switch from such a task, and
// a wait with one end missing cannot be counted. The switch with which the process leaves its CPU is always
// shown: it happens in the process itself.
Steps read_steps(const std::string& records) {
  Steps steps;
  bool waiting = false;
  for (const json& record : json_lines(records)) {
    const std::string step = record["step"];
    if (step == "ran") {
      if (waiting) ++steps.waits;
      waiting = false;
      continue;
    }
    if (step != "woken") ++steps.left;
    if (step != "slept") waiting = true;
  }
  return steps;
}

}  // namespace

TEST_CASE("runqlat counts a wait each time a process starts to run, with both of its ways") {
  const json ways = json::parse(read_file(spec_file("runqlat")))["programs"][0]["first_of"];
  REQUIRE(ways.size() == 2);
  for (const json& way : ways) {
    const Directory directory;
    const std::string spec =
        edited_spec(directory, spec_file("runqlat"), [&](json& changed) { changed["programs"] = way; });
    Actor actor = sleeper();
    // From here on nothing wakes it before it is told to act, so both probes see the same.
    REQUIRE(eventually([&] { return is_asleep(actor); }));
    Probe recorder(probe_command(own_spec_file("scheduling"), {"--set", "pid=" + actor.id()}));
    Probe probe(
        probe_command(spec, {"--set", "pid=" + actor.id(), "--set", "interval=1h", "--format", "jsonl"}));
    const std::uint64_t before = switches_of(actor);
    actor.act();
    REQUIRE(eventually([&] { return is_asleep(actor); }));
    // Something, such as the freeing of what it sent, may wake it once more before the probes end. They see
    // at least as many switches as there were now, and at most as many as there will have been then.
    const std::uint64_t at_least = switches_of(actor) - before;
    const Finished done = probe.stop();
    const Finished recorded = recorder.stop();
    const std::uint64_t at_most = switches_of(actor) - before;
    INFO(done.err << recorded.err << recorded.out);
    CHECK(done.status == 0);
    CHECK(summary_of(done.err).lost == 0);
    CHECK(summary_of(recorded.err).lost == 0);
    const Steps steps = read_steps(recorded.out);
    CHECK(steps.left >= at_least);
    CHECK(steps.left <= at_most);
    CHECK(at_least >= 50);
    const std::vector<json> lines = json_lines(done.out);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0]["waits"] == steps.waits);
    CHECK(lines[0]["waited"]["count"] == steps.waits);
    // It is asleep at the beginning and at the end, so each time it left its CPU it had waited before.
    if (is_quiet()) CHECK(steps.waits == steps.left);
  }
}

TEST_CASE("runqlat with --btf runs on a kernel without BTF") {
  const Directory directory;
  const std::string types = directory / "vmlinux";
  std::filesystem::copy_file("/sys/kernel/btf/vmlinux", types);
  std::vector<std::string> command =
      probe_command(spec_file("runqlat"), {"--btf", types, "--set", "pid=1", "--duration", "1ms"});
  command.insert(command.begin(),
                 {"unshare", "-m", "sh", "-c", "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"", "sh"});
  const Finished done = run(command);
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(contains(done.err, "skipped: cannot attach program \"wakeup\" to tp_btf:sched_wakeup: "));
  CHECK(contains(done.err, "attached to raw_tracepoint:sched_wakeup, "));
}
