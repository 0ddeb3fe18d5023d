// Files that a spec or the command line names may contain anything, and be anything.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/places.h"
#include "support/process.h"
#include "support/temporary_directory.h"

using test::Finished;

namespace {

const std::string object_path = PROBE_RUN_BINARY_DIR "/bpf/opensnoop.bpf.o";
const std::string spec_path = PROBE_RUN_SOURCE_DIR "/specs/opensnoop.json";

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Ends it after ten seconds, with status 137, if it waits.
Finished finished(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), test::probe_run());
  return test::Process(arguments).finish(std::chrono::seconds(10));
}

std::string fifo(const test::TemporaryDirectory& directory, const std::string& name) {
  const std::string path = directory / name;
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  return path;
}

std::string spec_with_btf(const test::TemporaryDirectory& directory, const std::string& btf) {
  std::string text = contents(spec_path);
  text.insert(text.find("\"object\""), "\"btf\": \"" + btf + "\", ");
  const std::string path = directory / "with_btf.json";
  std::ofstream(path) << text;
  return path;
}

}  // namespace

TEST_CASE("An object with any damaged byte in its BTF is checked without a crash") {
  const std::string object = contents(object_path);
  // The header of BTF, of version 1 without flags, and then its types.
  const std::size_t begin = object.find(std::string("\x9f\xeb\x01\x00\x18\x00\x00\x00", 8));
  REQUIRE(begin != std::string::npos);
  const test::TemporaryDirectory directory;
  std::map<int, unsigned> ends;
  for (std::size_t offset = 0; offset < 400; offset += 2) {
    std::string damaged = object;
    char& byte = damaged[begin + offset];
    byte = static_cast<char>(offset % 4 == 0 ? byte ^ 0x0a : 0xff);
    std::ofstream(directory / "opensnoop.bpf.o", std::ios::binary) << damaged;
    const Finished done = finished({"--check", spec_path, "--object-dir", directory.path()});
    CAPTURE(offset, done.err);
    CHECK((done.status == 0 || done.status == 2));
    ++ends[done.status];
  }
  CHECK(ends[0] > 0);
  CHECK(ends[2] > 0);
}

TEST_CASE("A file of BTF with any damaged byte is checked without a crash") {
  const std::string object = contents(object_path);
  const test::TemporaryDirectory directory;
  const std::string spec = spec_with_btf(directory, directory / "types");
  const std::size_t begin = object.find(std::string("\x9f\xeb\x01\x00\x18\x00\x00\x00", 8));
  REQUIRE(begin != std::string::npos);
  for (std::size_t offset = 0; offset < 400; offset += 4) {
    std::string damaged = object;
    damaged[begin + offset + offset / 4 % 4] = '\xff';
    std::ofstream(directory / "types", std::ios::binary) << damaged;
    const Finished done = finished({"--check", spec, "--object-dir", PROBE_RUN_BINARY_DIR "/bpf"});
    CAPTURE(offset, done.err);
    CHECK((done.status == 0 || done.status == 2));
  }
}

TEST_CASE("No special file is waited for") {
  const test::TemporaryDirectory directory;
  const std::string pipe = fifo(directory, "opensnoop.bpf.o");
  const Finished object = finished({"--check", spec_path, "--object-dir", directory.path()});
  CHECK(object.status == 0);  // the next directory has one
  const Finished btf =
      finished({"--check", spec_with_btf(directory, pipe), "--object-dir", PROBE_RUN_BINARY_DIR "/bpf"});
  CHECK(btf.status == 2);
  CHECK(btf.err.find(" is not a regular file") != std::string::npos);
  for (const std::string name : {"case.json", "recording.rec", "spec.json"}) {
    const test::TemporaryDirectory tested;
    std::filesystem::copy(PROBE_RUN_SOURCE_DIR "/tests/golden/opensnoop", tested.path(),
                          std::filesystem::copy_options::recursive);
    std::filesystem::remove(tested / name);
    fifo(tested, name);
    const Finished test = finished({"--test", tested.path()});
    CAPTURE(name, test.out, test.err);
    CHECK(test.status == 2);
    CHECK((test.out + test.err).find("not a file") != std::string::npos);
  }
}

TEST_CASE("A spec may come from a pipe") {
  const Finished done = test::run({"bash", "-c", "\"$0\" --check <(cat \"$1\") --object-dir \"$2\"",
                                   test::probe_run(), spec_path, PROBE_RUN_BINARY_DIR "/bpf"});
  INFO(done.err);
  CHECK(done.status == 0);
}
