// The recordings of the golden cases as metrics: what no expected file can say, that others can read them.
#include <filesystem>

#include "support/catch.h"
#include "support/exposition.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace fs = std::filesystem;

namespace {

// Cases that render a recording of their own with the spec in it: one of each shipped spec that has one.
std::vector<fs::path> recordings() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(PROBE_RUN_SOURCE_DIR) / "tests/golden")) {
    if (fs::exists(entry.path() / "recording.rec")) files.push_back(entry.path() / "recording.rec");
  }
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() >= 5);
  return files;
}

std::string rendered(const fs::path& recording, const std::string& format) {
  const test::Finished result =
      test::run({test::probe_run(), "--replay", recording.string(), "--quiet", "--format", format});
  INFO(result.err);
  REQUIRE(result.status == 0);
  return result.out;
}

}  // namespace

TEST_CASE("every recording renders as metrics that the grammar of each dialect has") {
  for (const fs::path& recording : recordings()) {
    INFO(recording.string());
    const auto plain = test::read_exposition(rendered(recording, "prometheus"), test::Exposition::prometheus);
    const auto open =
        test::read_exposition(rendered(recording, "openmetrics"), test::Exposition::openmetrics);
    CHECK_FALSE(plain.empty());
    REQUIRE(plain.size() == open.size());
    for (std::size_t i = 0; i < plain.size(); ++i) {
      REQUIRE(plain[i].samples.size() == open[i].samples.size());
      for (std::size_t j = 0; j < plain[i].samples.size(); ++j) {
        CHECK(plain[i].samples[j].labels == open[i].samples[j].labels);
        CHECK(plain[i].samples[j].text == open[i].samples[j].text);
      }
    }
  }
}

TEST_CASE("promtool has nothing to say of the metrics of any recording") {
  REQUIRE(fs::exists("/usr/bin/promtool"));  // tools/install-dependencies
  const test::TemporaryFolder folder;
  for (const fs::path& recording : recordings()) {
    folder.write("metrics", rendered(recording, "prometheus"));
    const test::Finished result =
        test::run({"/bin/sh", "-c", "promtool check metrics < \"$1\"", "sh", folder / "metrics"});
    INFO(recording.string() << "\n" << result.out << result.err);
    CHECK(result.status == 0);
    CHECK(result.out + result.err == "");
  }
}
