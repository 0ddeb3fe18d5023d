// A run does not show what it does itself.
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

TEST_CASE("opensnoop shows no file that probe-run itself opens") {
  const Directory directory;
  for (const std::vector<std::string>& more : {std::vector<std::string>{},
                                               {"--record", directory / "opens.rec"},
                                               {"--stats", directory / "stats"}}) {
    std::vector<std::string> arguments{"--format", "jsonl"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Probe probe(probe_command(spec_file("opensnoop"), arguments));
    const pid_t self = probe.pid();
    REQUIRE(run({"cat", "/proc/version"}).status == 0);
    const Finished done = probe.stop();
    INFO(done.err);
    std::size_t others = 0;
    for (const json& row : json_lines(done.out)) {
      if (!row.contains("pid")) continue;
      CAPTURE(row.dump());
      CHECK(row.at("pid") != self);
      ++others;
    }
    CHECK(others > 0);
  }
}
