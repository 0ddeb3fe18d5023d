// Names for numbers: functions, cgroups, processes that have exited.
#include <sys/syscall.h>

#include <algorithm>

#include "actor.h"
#include "map_spec.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

namespace {

std::uint64_t total(const std::vector<nlohmann::json>& rows) {
  std::uint64_t sum = 0;
  for (const auto& row : rows) sum += row.at("value").get<std::uint64_t>();
  return sum;
}

}  // namespace

TEST_CASE("the function of a library that makes a system call is named, live and from the recording") {
  const Directory directory;
  const std::string recording = directory / "recording";
  if (refuses_to_drain(probe_command(spec_file("syscall_stacks")))) return;
  Actor actor(calling_getppid(1000));
  Probe probe(probe_command(spec_file("syscall_stacks"),
                            {"--set", "syscall=" + std::to_string(SYS_getppid), "--set", "pid=" + actor.id(),
                             "--set", "interval=100ms", "--format", "jsonl", "--record", recording}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  REQUIRE(done.status == 0);
  const std::vector<nlohmann::json> rows = json_lines(done.out);
  REQUIRE_FALSE(rows.empty());
  for (const auto& row : rows) {
    INFO(row.dump());
    const auto& key = row.at("key");
    CHECK(key.at("tgid") == actor.pid());
    REQUIRE_FALSE(key.at("user").empty());
    CHECK(key.at("user")[0].get<std::string>().starts_with("syscall+"));
    CHECK(key.at("cgroup").get<std::string>().starts_with("/"));
  }
  CHECK(total(rows) == 1000);
  const Finished again = run({probe_run(), "--replay", recording, "--format", "jsonl"});
  CHECK(again.out == done.out);
}

TEST_CASE("functions of processes that exited before the map was read are named") {
  if (refuses_to_drain(probe_command(spec_file("syscall_stacks")))) return;
  // Each process lives about a millisecond; the map is read at the end.
  Probe probe(probe_command(
      spec_file("syscall_stacks"),
      {"--set", "syscall=" + std::to_string(SYS_exit_group), "--set", "interval=1h", "--format", "jsonl"}));
  const std::string name = unique_name("gone");
  start_programs(20, name, "/bin/true");
  const Finished done = probe.stop();
  INFO(done.err);
  REQUIRE(done.status == 0);
  std::size_t named = 0;
  std::size_t all = 0;
  for (const auto& row : json_lines(done.out)) {
    const auto& key = row.at("key");
    if (key.at("comm") != "true") continue;
    ++all;
    const auto& user = key.at("user");
    if (!user.empty() && contains(user[0].get<std::string>(), "exit")) ++named;
  }
  CHECK(all >= 20);
  CHECK(named == all);
}

TEST_CASE("stacks of every kind that the kernel provides are symbolized") {
  const Directory directory;
  const std::string spec = write_map_spec(directory, {.object = "stacks",
                                                      .program = "take_stacks",
                                                      .maps = {{{"name", "events"},
                                                                {"type", "struct stacks_event"},
                                                                {"fields",
                                                                 {{"user", {{"as", "ustack"}}},
                                                                  {"kernel", {{"as", "kstack"}}},
                                                                  {"files", {{"as", "ustack"}}},
                                                                  {"uid", {{"as", "uid"}}}}}}}});
  Actor actor(calling_getppid(3));
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--format", "jsonl"}));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err << done.out);
  REQUIRE(done.status == 0);
  std::vector<nlohmann::json> rows = json_lines(done.out);
  REQUIRE(rows.size() == 4);
  CHECK(rows.back().contains("$summary"));  // nobody counts the loss
  rows.pop_back();
  const auto any = [](const nlohmann::json& frames, const std::string& part) {
    return std::any_of(frames.begin(), frames.end(),
                       [&](const auto& frame) { return contains(frame.template get<std::string>(), part); });
  };
  for (const auto& row : rows) {
    CHECK(row.at("uid") == "root");
    REQUIRE_FALSE(row.at("user").empty());
    CHECK(row.at("user")[0].get<std::string>().starts_with("syscall+0x"));
    REQUIRE_FALSE(row.at("files").empty());
    CHECK(row.at("files")[0].get<std::string>().starts_with("syscall+0x"));
    CHECK(any(row.at("kernel"), "do_syscall_64+0x"));
  }
}
