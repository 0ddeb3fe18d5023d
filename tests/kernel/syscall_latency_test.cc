// syscall_latency: a histogram for each system call.
#include <sys/syscall.h>

#include <nlohmann/json.hpp>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

TEST_CASE("syscall_latency counts each call of a process once, in a histogram of its own") {
  Actor actor(calling_getppid(1000));
  Probe probe(probe_command(spec_file("syscall_latency"),
                            {"--set", "pid=" + actor.id(), "--set", "interval=1h", "--format", "jsonl"}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  REQUIRE(done.status == 0);
  std::uint64_t calls = 0;
  for (const auto& row : json_lines(done.out)) {
    if (row.at("syscall") != "getppid") continue;
    const auto& slots = row.at("latency");
    calls += slots.at("count").get<std::uint64_t>();
    CHECK(row.at("calls") == slots.at("count"));
    for (const auto& bucket : slots.at("buckets")) {
      const auto from = bucket.at("from").get<std::uint64_t>();
      CHECK(bucket.at("to").get<std::uint64_t>() == (from == 0 ? 1 : 2 * from - 1));
    }
  }
  CHECK(calls == 1000);
}
