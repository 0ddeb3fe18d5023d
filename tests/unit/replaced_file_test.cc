#include "sink/replaced_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/catch.h"
#include "support/error.h"

using namespace probe_run;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "replaced-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  std::string file() const { return (path / "x.prom").string(); }
};

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::size_t files(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a file is replaced whole, is readable for all, and nothing is left beside it") {
  const Folder folder;
  std::ofstream(folder.path / ".x.prom.probe-run") << "left by a run that was killed";
  ReplacedFile file(folder.file());
  CHECK_FALSE(fs::exists(folder.file()));
  file.write("one\n");
  struct stat first {};
  REQUIRE(::stat(folder.file().c_str(), &first) == 0);
  CHECK((first.st_mode & 0777) == 0644);
  std::ifstream reader(folder.file());
  file.write("two\n");
  std::ostringstream kept;
  kept << reader.rdbuf();
  CHECK(kept.str() == "one\n");  // who reads the old one still sees all of it
  CHECK(read(folder.file()) == "two\n");
  CHECK(files(folder.path) == 1);
  CHECK(file.failure() == "");
}

TEST_CASE("a link is followed, and stays one") {
  const Folder folder;
  std::ofstream(folder.path / "real") << "old";
  fs::create_symlink("real", folder.file());
  ReplacedFile file(folder.file());
  file.write("new");
  CHECK(fs::is_symlink(folder.file()));
  CHECK(read(folder.path / "real") == "new");
}

TEST_CASE("a folder that cannot be written to is said before anything else") {
  try {
    ReplacedFile file("/nonexistent/x.prom");
    FAIL("it was opened");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "cannot write to /nonexistent/x.prom: No such file or directory");
  }
}

TEST_CASE("a write that fails leaves the document before it, and is said") {
  const Folder folder;
  ReplacedFile file(folder.file());
  file.write("whole");
  // A folder in the place of the temporary file cannot be unlinked, by root neither.
  fs::create_directory(folder.path / ".x.prom.probe-run");
  file.write("half");
  CHECK(read(folder.file()) == "whole");
  CHECK(file.failure().starts_with("cannot write to "));
}

TEST_CASE("a device is not replaced") {
  CHECK(ReplacedFile::cannot_replace("/dev/null"));
  CHECK_FALSE(ReplacedFile::cannot_replace("/nonexistent"));
}
