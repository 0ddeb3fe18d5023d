// The memory of a replay does not depend on the length of the recording.
#include "support/catch.h"
#include "support/measured.h"
#include "support/process.h"
#include "support/synthetic_recording.h"
#include "support/temporary_directory.h"

TEST_CASE("Ten times as many events take no more memory to replay") {
  const test::TemporaryDirectory directory;
  test::make_synthetic_recording(directory / "short.rec", 50'000);
  test::make_synthetic_recording(directory / "long.rec", 500'000);  // 70 MB
  directory.write("groups.json", std::string(test::synthetic_groups_spec));
  const std::vector<std::vector<std::string>> ways{{"--format", "jsonl"},
                                                   {"--format", "text"},
                                                   {"--format", "table"},
                                                   {"--format", "csv"},
                                                   {directory / "groups.json"}};
  for (const std::vector<std::string>& way : ways) {
    std::uint64_t peaks[2] = {};
    for (const bool is_long : {false, true}) {
      std::vector<std::string> command{test::probe_run(), "--replay",
                                       directory / (is_long ? "long.rec" : "short.rec")};
      command.insert(command.end(), way.begin(), way.end());
      const test::Measured run = test::run_measured(command);
      REQUIRE(WIFEXITED(run.status));
      REQUIRE(WEXITSTATUS(run.status) == 0);
      peaks[is_long] = run.peak_kib;
    }
    INFO(way.back() << ": " << peaks[0] << " KiB, then " << peaks[1] << " KiB");
    CHECK(peaks[0] > 1000);
    CHECK(peaks[1] < peaks[0] + 4000);
  }
}
