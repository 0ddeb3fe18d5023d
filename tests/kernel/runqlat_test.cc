// runqlat: the waits of one process are its switches, whichever way they are seen.
#include <unistd.h>

#include <ctime>
#include <thread>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

// A process that goes to sleep again and again, and gives way in between.
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

}  // namespace

TEST_CASE("runqlat counts a wait each time a process comes to run, in both of its ways") {
  const json ways = json::parse(read_file(spec_file("runqlat")))["programs"][0]["first_of"];
  REQUIRE(ways.size() == 2);
  for (const json& way : ways) {
    const Folder folder;
    const std::string spec =
        edited_spec(folder, spec_file("runqlat"), [&](json& changed) { changed["programs"] = way; });
    Actor actor = sleeper();
    Probe probe(
        probe_command(spec, {"--set", "pid=" + actor.id(), "--set", "interval=1h", "--format", "jsonl"}));
    const std::uint64_t before = switches_of(actor);
    actor.act();
    const auto asleep = [&] { return contains(read_file("/proc/" + actor.id() + "/stat"), ") S "); };
    REQUIRE(eventually(asleep));
    // It says so shortly before it leaves the processor, which is a switch too.
    std::this_thread::sleep_for(patiently(std::chrono::milliseconds(10)));
    const std::uint64_t switches = switches_of(actor) - before;
    const Finished done = probe.stop();
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(summary_of(done.err).lost == 0);
    const std::vector<json> lines = json_lines(done.out);
    REQUIRE(lines.size() == 1);
    CHECK(switches >= 50);
    CHECK(lines[0]["waits"] == switches);
    CHECK(lines[0]["waited"]["count"] == switches);
  }
}

TEST_CASE("runqlat with --btf runs where the kernel has no types of its own") {
  const Folder folder;
  const std::string types = folder / "vmlinux";
  std::filesystem::copy_file("/sys/kernel/btf/vmlinux", types);
  std::vector<std::string> command =
      probe_command(spec_file("runqlat"), {"--btf", types, "--set", "pid=1", "--duration", "1ms"});
  command.insert(command.begin(),
                 {"unshare", "-m", "sh", "-c", "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"", "sh"});
  const Finished done = run(command);
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(contains(done.err, "passed over: cannot attach program \"wakeup\" to tp_btf:sched_wakeup: "));
  CHECK(contains(done.err, "attached to raw_tracepoint:sched_wakeup, "));
}
