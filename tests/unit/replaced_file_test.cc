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

struct Directory {
  fs::path path;
  Directory() {
    std::string name = (fs::temp_directory_path() / "replaced-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create a directory for the test");
    path = name;
  }
  ~Directory() { fs::remove_all(path); }
  std::string file() const { return (path / "x.prom").string(); }
};

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::size_t files(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a file is replaced as a whole, is readable for all, and no temporary file is left") {
  const Directory directory;
  std::ofstream(directory.path / ".x.prom.probe-run") << "left by a run that was killed";
  ReplacedFile file(directory.file());
  CHECK_FALSE(fs::exists(directory.file()));
  file.write("one\n");
  struct stat first {};
  REQUIRE(::stat(directory.file().c_str(), &first) == 0);
  CHECK((first.st_mode & 0777) == 0644);
  std::ifstream reader(directory.file());
  file.write("two\n");
  std::ostringstream kept;
  kept << reader.rdbuf();
  CHECK(kept.str() == "one\n");  // who reads the old one still sees all of it
  CHECK(read(directory.file()) == "two\n");
  CHECK(files(directory.path) == 1);
  CHECK(file.failure() == "");
}

TEST_CASE("a symbolic link is followed, and stays a link") {
  const Directory directory;
  std::ofstream(directory.path / "real") << "old";
  fs::create_symlink("real", directory.file());
  ReplacedFile file(directory.file());
  file.write("new");
  CHECK(fs::is_symlink(directory.file()));
  CHECK(read(directory.path / "real") == "new");
}

TEST_CASE("a directory that is not writable is reported first") {
  try {
    ReplacedFile file("/nonexistent/x.prom");
    FAIL("it was opened");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "cannot write to /nonexistent/x.prom: No such file or directory");
  }
}

TEST_CASE("a failed write leaves the old file, is reported, and is tried again") {
  const Directory directory;
  ReplacedFile file(directory.file());
  file.write("whole");
  // A directory in place of the temporary file cannot be unlinked, not even by root.
  fs::create_directory(directory.path / ".x.prom.probe-run");
  file.write("half");
  CHECK(read(directory.file()) == "whole");
  CHECK(file.take_notice().starts_with("warning: cannot write to "));
  file.write("half");
  CHECK(file.take_notice() == "");
  CHECK(file.failure() == "");
  fs::remove(directory.path / ".x.prom.probe-run");
  file.write("again");
  CHECK(read(directory.file()) == "again");
  CHECK(file.take_notice() == directory.file() + " is written again");
  fs::create_directory(directory.path / ".x.prom.probe-run");
  file.write("last");
  file.finish();
  CHECK(read(directory.file()) == "again");
  CHECK(file.failure().starts_with("cannot write to "));
}

TEST_CASE("a device is not replaced") {
  CHECK(ReplacedFile::cannot_replace("/dev/null"));
  CHECK_FALSE(ReplacedFile::cannot_replace("/nonexistent"));
}
