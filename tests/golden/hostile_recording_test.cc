// The recordings in tests/golden/hostile are the output of their source, so that readers can see what is in
// them.
#include "golden/hostile_recording.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/catch.h"
#include "support/places.h"
#include "support/temporary_directory.h"

namespace {

const std::string directory = PROBE_RUN_SOURCE_DIR "/tests/golden/hostile/";

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void compare(const std::string& name, const std::string& bytes) {
  if (std::getenv("PROBE_RUN_ACCEPT") != nullptr) std::ofstream(directory + name, std::ios::binary) << bytes;
  INFO("to write it: PROBE_RUN_ACCEPT=1 ctest --preset release -R '^replay$'");
  CHECK((bytes_of(directory + name) == bytes));
}

}  // namespace

TEST_CASE("The hostile recordings match their source") {
  const test::TemporaryDirectory made;
  test::write_hostile_recording(made / "hostile.rec");
  const std::string whole = bytes_of(made / "hostile.rec");
  compare("hostile.rec", whole);
  // Within the chunk after the one of the stream.
  compare("cut.rec", whole.substr(0, whole.size() - 1000));
}
