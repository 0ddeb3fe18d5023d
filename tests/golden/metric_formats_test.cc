// The recordings of the golden cases as metrics: other programs can read them, which no expected file can
// show.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "support/catch.h"
#include "support/exposition.h"
#include "support/places.h"
#include "support/process.h"
#include "support/temporary_directory.h"

namespace fs = std::filesystem;

namespace {

// The replays: each recording with its own spec, one for each shipped spec; and the hostile one with each of
// its specs.
std::vector<std::vector<std::string>> replays() {
  const fs::path golden = fs::path(PROBE_RUN_SOURCE_DIR) / "tests/golden";
  std::vector<std::vector<std::string>> all;
  for (const auto& entry : fs::directory_iterator(golden)) {
    if (fs::exists(entry.path() / "recording.rec"))
      all.push_back({(entry.path() / "recording.rec").string()});
  }
  all.push_back({(golden / "../docs/files/execve_count.rec").string()});
  for (const auto& entry : fs::directory_iterator(golden / "hostile")) {
    if (fs::exists(entry.path() / "spec.json"))
      all.push_back({(golden / "hostile/hostile.rec").string(), (entry.path() / "spec.json").string()});
  }
  std::sort(all.begin(), all.end());
  REQUIRE(all.size() >= 30);
  return all;
}

std::string rendered(const std::vector<std::string>& replay, const std::string& format) {
  std::vector<std::string> command{test::probe_run(), "--quiet", "--format", format, "--replay"};
  command.insert(command.end(), replay.begin(), replay.end());
  const test::Finished result = test::run(command);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return result.out;
}

// The part of a family that both dialects share: OpenMetrics writes bounds with a point ("le" 1.0).
std::vector<std::string> common(const test::Family& family) {
  std::vector<std::string> lines;
  for (const test::Sample& sample : family.samples) {
    std::string line = sample.name + " " + sample.text;
    for (const auto& [name, value] : sample.labels)
      line += " " + name + "=" + (name == "le" ? std::to_string(std::strtod(value.c_str(), nullptr)) : value);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

TEST_CASE("every shipped spec has a recording that renders as metrics") {
  const auto all = replays();
  for (const auto& entry : fs::directory_iterator(fs::path(PROBE_RUN_SOURCE_DIR) / "specs")) {
    const std::string name = entry.path().stem().string();
    INFO(name);
    CHECK(std::any_of(all.begin(), all.end(), [&](const std::vector<std::string>& replay) {
      const fs::path recording = replay.front();
      return recording.stem() == name || recording.parent_path().filename() == name;
    }));
  }
}

TEST_CASE("a metric of a number in network byte order has the shown value") {
  const test::TemporaryDirectory directory;
  directory.write("ports.json", R"({ "name": "ports", "object": "hostile.bpf.o",
    "programs": [{ "name": "any", "attach": { "type": "auto" } }],
    "maps": [{ "name": "events", "type": "struct event", "fields": { "pid": { "as": "be32" } } }],
    "outputs": [{ "map": "events", "where": "comm == 'bidi'", "fields": ["pid"],
                  "metrics": { "port": { "type": "gauge", "value": "pid" } } }] })");
  const std::vector<std::string> replay{PROBE_RUN_SOURCE_DIR "/tests/golden/hostile/hostile.rec",
                                        directory / "ports.json"};
  CHECK(rendered(replay, "text") == "pid=1711276032\n");
  CHECK(rendered(replay, "prometheus").ends_with("\nport 1711276032\n"));
}

TEST_CASE("every recording renders as metrics in the grammar of each dialect") {
  for (const std::vector<std::string>& replay : replays()) {
    INFO(replay.back());
    const auto plain = test::read_exposition(rendered(replay, "prometheus"), test::Exposition::prometheus);
    const auto open = test::read_exposition(rendered(replay, "openmetrics"), test::Exposition::openmetrics);
    CHECK_FALSE(plain.empty());
    REQUIRE(plain.size() == open.size());
    for (std::size_t i = 0; i < plain.size(); ++i) {
      CHECK(common(plain[i]) == common(open[i]));
    }
  }
}

TEST_CASE("promtool finds no fault in the metrics of any recording") {
  REQUIRE(fs::exists("/usr/bin/promtool"));  // tools/install-dependencies
  const test::TemporaryDirectory directory;
  for (const std::vector<std::string>& replay : replays()) {
    directory.write("metrics", rendered(replay, "prometheus"));
    const test::Finished result =
        test::run({"/bin/sh", "-c", "promtool check metrics < \"$1\"", "sh", directory / "metrics"});
    INFO(replay.back() << "\n" << result.out << result.err);
    CHECK(result.status == 0);
    CHECK(result.out + result.err == "");
  }
}
