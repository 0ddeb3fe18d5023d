// profile: samples of a process that uses the CPU, with its stack.
#include <ctime>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

constexpr double computed_seconds = 1;

std::string compute() {
  timespec used{};
  do {
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  } while (static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec) < computed_seconds);
  return {};
}

}  // namespace

TEST_CASE("profile samples a busy process at the requested rate, each time with its stack") {
  const std::string name = unique_name("busy");
  const Directory directory;
  const std::string recording = directory / "recording";
  Actor actor(compute, [&] { name_task(name); });
  Probe probe(probe_command(spec_file("profile"), {"--set", "pid=" + actor.id(), "--set", "frequency=100",
                                                   "--format", "jsonl", "--record", recording}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).lost == 0);
  std::uint64_t samples = 0;
  for (const json& line : json_lines(done.out)) {
    CHECK(line["key.comm"] == name);
    CHECK_FALSE((line["key.user"].empty() && line["key.kernel"].empty()));
    samples += line["value"].get<std::uint64_t>();
  }
  // An emulated machine takes fewer samples than requested.
  CHECK(samples >= (is_quiet() ? 10 : 60));
  CHECK(samples <= 140);

  const Finished folded = run({probe_run(), "--quiet", "--replay", recording});
  for (const std::string& line : split_lines(folded.out)) CHECK(line.starts_with(name + ";"));
}
