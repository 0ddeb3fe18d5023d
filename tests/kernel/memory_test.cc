// What a run does when there is no memory left.
#include <sys/resource.h>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

TEST_CASE("a spec for which there is no memory ends with its summary, and others go on", "[host]") {
  // Whichever comes first: the one that needed the memory is at fault.
  const bool is_first = GENERATE(true, false);
  CAPTURE(is_first);
  const Directory directory;
  const std::uint64_t many = 90'000, few = 100;
  Actor hungry(calling_getppid(many)), modest(calling_getppid(few));
  const auto spec = [&](const std::string& name, const Actor& actor, const nlohmann::json& outputs) {
    const std::string file = edited_spec(directory, own_spec_file("flood"), [&](nlohmann::json& edited) {
      edited["name"] = name;
      edited["parameters"]["pid"]["default"] = actor.pid();
      edited["outputs"] = outputs;
    });
    const std::string path = directory / (name + ".json");
    std::filesystem::rename(file, path);
    return path;
  };
  const std::string groups = spec("hungry", hungry,
                                  {{{"map", "events"},
                                    {"group_by", {"number"}},
                                    {"aggregate", {{"calls", "count"}}},
                                    {"groups", 100'000},
                                    {"every", "exit"},
                                    {"format", "jsonl"},
                                    {"to", directory / "groups"}}});
  const std::string rows =
      spec("modest", modest,
           {{{"map", "events"}, {"fields", {"number"}}, {"format", "jsonl"}, {"to", directory / "rows"}}});
  std::vector<std::string> command =
      probe_command(is_first ? groups : rows, {"--stats", directory / "stats"});
  command.push_back(is_first ? rows : groups);
  Probe probe(command);
  modest.act();
  // Not enough for the groups.
  const rlim_t memory = status_number(probe.pid(), "VmSize:") * 1024 + 262'144;
  const rlimit limit{memory, memory};
  REQUIRE(::prlimit(probe.pid(), RLIMIT_AS, &limit, nullptr) == 0);
  hungry.act();
  CHECK(probe.process().wait_for_err("the spec \"hungry\" is stopped; the others continue"));
  modest.act();
  CHECK(eventually([&] { return whole_lines(read_file(directory / "rows")) == 2 * few; }));
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "error: out of memory: the run of this spec was ended"));
  CHECK(contains(done.err, "1 of 2 specs failed: hungry"));
  const nlohmann::json specs = nlohmann::json::parse(read_file(directory / "stats"))["specs"];
  const nlohmann::json &of_hungry = specs[is_first ? 0 : 1], &of_modest = specs[is_first ? 1 : 0];
  CHECK(of_modest["figures"]["events"] == 2 * few);
  CHECK(of_modest["figures"]["lost"] == 0);
  // What it had is shown.
  std::uint64_t calls = 0;
  for (const nlohmann::json& group : json_lines(read_file(directory / "groups"))) {
    if (!group.contains("$summary")) calls += group["calls"].get<std::uint64_t>();
  }
  CHECK(calls > 0);
  CHECK(of_hungry["figures"]["events"] == calls);
}
