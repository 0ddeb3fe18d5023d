// The recordings of tests/golden/hostile are what their source makes, so that a person can see what is in
// them.
#include "golden/hostile_recording.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/catch.h"
#include "support/places.h"
#include "support/temporary_folder.h"

namespace {

const std::string folder = PROBE_RUN_SOURCE_DIR "/tests/golden/hostile/";

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void compare(const std::string& name, const std::string& bytes) {
  if (std::getenv("PROBE_RUN_ACCEPT") != nullptr) std::ofstream(folder + name, std::ios::binary) << bytes;
  INFO("to write it: PROBE_RUN_ACCEPT=1 ctest --preset release -R '^replay$'");
  CHECK((bytes_of(folder + name) == bytes));
}

}  // namespace

TEST_CASE("The hostile recordings are those of their source") {
  const test::TemporaryFolder made;
  test::write_hostile_recording(made / "hostile.rec");
  const std::string whole = bytes_of(made / "hostile.rec");
  compare("hostile.rec", whole);
  // Within the chunk behind the stream's.
  compare("cut.rec", whole.substr(0, whole.size() - 1000));
}
