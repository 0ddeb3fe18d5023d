// One mistake, one error: two letters swapped in a name of a shipped spec never give a second error, which would follow
// from the first.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"
#include "support/temporary_directory.h"

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Where the first word of three letters in [begin, end) is; `end` for none.
std::size_t word_in(const std::string& text, std::size_t begin, std::size_t end) {
  std::size_t letters = 0;
  for (std::size_t i = begin; i < end; ++i) {
    letters = std::isalpha(static_cast<unsigned char>(text[i])) != 0 ? letters + 1 : 0;
    if (letters == 3) return i - 2;
  }
  return end;
}

std::size_t errors_in(const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(" error: ", at)) != std::string::npos; ++at) ++count;
  return count;
}

}  // namespace

TEST_CASE("two letters swapped in a name of a shipped spec are at most one error") {
  const test::TemporaryDirectory directory;
  const std::string file = directory / "spec.json";
  std::size_t refused = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(PROBE_RUN_SOURCE_DIR) / "specs")) {
    const std::string text = read(entry.path());
    std::set<std::string> tried;
    for (std::size_t begin = text.find('"'); begin != std::string::npos; begin = text.find('"', begin)) {
      const std::size_t end = text.find('"', begin + 1);
      REQUIRE(end != std::string::npos);
      const std::string name = text.substr(begin + 1, end - begin - 1);
      const std::size_t word = word_in(text, begin + 1, end);
      begin = end + 1;
      if (word == end || name.starts_with('$') || !tried.insert(name).second) continue;
      std::string wrong = text;
      std::swap(wrong[word + 1], wrong[word + 2]);
      if (wrong == text) continue;
      directory.write("spec.json", wrong);
      const test::Finished done = test::run({test::probe_run(), "--check", file});
      INFO(entry.path().filename() << ": " << name << "\n" << done.err);
      CHECK(errors_in(done.err) == (done.status == 0 ? 0 : 1));
      CHECK((done.status == 0 || done.status == 2));
      if (done.status != 0) ++refused;
    }
  }
  CHECK(refused > 100);
}
