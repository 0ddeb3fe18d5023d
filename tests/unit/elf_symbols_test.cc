#include "host/elf_symbols.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "host/symbol_table.h"
#include "support/catch.h"
#include "unit/sample_files.h"
#include "unit/sample_places.h"
#include "unit/temporary_file.h"

using namespace probe_run;
namespace fs = std::filesystem;

namespace {

const std::string stripped_directory = PROBE_RUN_SAMPLES_STRIPPED;
const std::string no_root = "/does/not/exist";

std::string text_of(const std::vector<ResolvedFrame>& frames) {
  std::string text;
  for (const ResolvedFrame& frame : frames) {
    text += frame.name + (frame.inlined ? " inlined\n" : " +" + std::to_string(frame.offset) + "\n");
  }
  return text;
}

std::unique_ptr<ElfSymbols> open(const std::string& path, const std::string& root = no_root) {
  std::unique_ptr<ElfFile> file = ElfFile::open(open_regular_file(path));
  REQUIRE(file);
  return std::make_unique<ElfSymbols>(std::move(file), path, root);
}

std::string frames(ElfSymbols& symbols, std::uint64_t offset) {
  return text_of(symbols.frames_at(offset));
}

std::string plus(const test::SamplePlace& place) {
  return " +" + std::to_string(place.in_function) + "\n";
}

void check_all_places(const std::string& program, ElfSymbols& symbols) {
  auto places = test::sample_places(program);
  CHECK(frames(symbols, places["plain"].file_offset) == "plain_c" + plus(places["plain"]));
  CHECK(frames(symbols, places["outer"].file_offset) ==
        "sample::Shape::outer(int, char const*)" + plus(places["outer"]));
  CHECK(frames(symbols, places["inner"].file_offset) ==
        "sample::inner(int) inlined\nsample::middle(int) inlined\nsample::Shape::outer(int, char const*)" +
            plus(places["inner"]));
}

// A directory of debug files by build ID. The destructor removes it.
class DebugRoot {
 public:
  DebugRoot(const std::string& build_id, const std::string& debug_file) {
    std::string name;
    for (const char byte : build_id) {
      constexpr const char* digits = "0123456789abcdef";
      name += digits[static_cast<unsigned char>(byte) >> 4];
      name += digits[static_cast<unsigned char>(byte) & 15];
    }
    const fs::path directory = fs::path(path()) / ".build-id" / name.substr(0, 2);
    fs::create_directories(directory);
    fs::copy_file(debug_file, directory / (name.substr(2) + ".debug"));
  }
  ~DebugRoot() { fs::remove_all(path()); }
  DebugRoot(const DebugRoot&) = delete;
  DebugRoot& operator=(const DebugRoot&) = delete;
  std::string path() const { return place_.path() + ".root"; }

 private:
  test::TemporaryFile place_;
};

// A copy of a stripped sample without a debug file next to it.
class Lonely {
 public:
  explicit Lonely(const std::string& name) {
    fs::copy_file(stripped_directory + "/" + name, copy_.path(), fs::copy_options::overwrite_existing);
  }
  const std::string& path() const { return copy_.path(); }

 private:
  test::TemporaryFile copy_;
};

}  // namespace

TEST_CASE("A program with debug information has its functions and the inlined ones") {
  for (const std::string program :
       {PROBE_RUN_SAMPLE_PIE, PROBE_RUN_SAMPLE_FIXED, PROBE_RUN_SAMPLE_WITHOUT_ID}) {
    INFO(program);
    check_all_places(program, *open(program));
  }
}

TEST_CASE("A stripped program has the names of the debug file in its .gnu_debuglink") {
  for (const std::string name : {"pie", "without_id"}) {
    INFO(name);
    check_all_places(stripped_directory + "/" + name, *open(stripped_directory + "/" + name));
  }
}

TEST_CASE("A stripped program has the names of the debug file with its build ID") {
  const Lonely program("pie");
  const DebugRoot root(open(program.path())->build_id(), stripped_directory + "/pie.debug");
  check_all_places(PROBE_RUN_SAMPLE_PIE, *open(program.path(), root.path()));
}

TEST_CASE("A debug file with another build ID or checksum is ignored") {
  auto places = test::sample_places(PROBE_RUN_SAMPLE_PIE);
  const Lonely program("pie");
  const std::string id = open(program.path())->build_id();
  const DebugRoot root(id, stripped_directory + "/without_id.debug");
  CHECK(frames(*open(program.path(), root.path()), places["plain"].file_offset) == "");

  const Lonely without_id("without_id");
  const std::string beside = fs::path(without_id.path()).parent_path() / "without_id.debug";
  fs::copy_file(stripped_directory + "/pie.debug", beside, fs::copy_options::overwrite_existing);
  auto others = test::sample_places(PROBE_RUN_SAMPLE_WITHOUT_ID);
  CHECK(frames(*open(without_id.path()), others["plain"].file_offset) == "");
  fs::remove(beside);
}

TEST_CASE("An offset outside of code has no frames") {
  const auto symbols = open(PROBE_RUN_SAMPLE_PIE);
  CHECK(frames(*symbols, 0) == "");
  CHECK(frames(*symbols, fs::file_size(PROBE_RUN_SAMPLE_PIE) + 1) == "");
  CHECK(frames(*symbols, ~std::uint64_t{0}) == "");
}

TEST_CASE("No debug information is fetched, whatever the environment says") {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(server, 8) == 0);
  REQUIRE(::getsockname(server, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  ::setenv("DEBUGINFOD_URLS", url.c_str(), 1);
  ::setenv("DEBUGINFOD_TIMEOUT", "1", 1);

  auto places = test::sample_places(PROBE_RUN_SAMPLE_PIE);
  const Lonely program("pie");
  CHECK(frames(*open(program.path()), places["inner"].file_offset) == "");
  CHECK(::accept(server, nullptr, nullptr) == -1);
  CHECK(errno == EAGAIN);
  ::unsetenv("DEBUGINFOD_URLS");
  ::unsetenv("DEBUGINFOD_TIMEOUT");
  ::close(server);
}

TEST_CASE("A file that is not a regular file is neither opened nor waited for") {
  const test::TemporaryFile place;
  const std::string fifo = place.path() + ".fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK_FALSE(open_regular_file(fifo));
  ::unlink(fifo.c_str());
  CHECK_FALSE(open_regular_file("/dev/null"));
  CHECK_FALSE(open_regular_file("/"));
  CHECK(open_regular_file(place.path()));
}

TEST_CASE("A file that is not an ELF file has no symbols") {
  for (const std::string content : {"", "\x7f",
                                    "\x7f"
                                    "ELF",
                                    "#!/bin/sh\n"}) {
    const test::TemporaryFile file(content);
    CHECK_FALSE(ElfFile::open(open_regular_file(file.path())));
  }
}

TEST_CASE("A damaged program has names or none, and does no harm") {
  const std::string whole = [] {
    std::ifstream in(PROBE_RUN_SAMPLE_PIE, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  auto places = test::sample_places(PROBE_RUN_SAMPLE_PIE);
  std::size_t opened = 0;
  const auto ask = [&](const std::string& bytes) {
    const test::TemporaryFile file(bytes);
    std::unique_ptr<ElfFile> elf = ElfFile::open(open_regular_file(file.path()));
    if (!elf) return;
    ++opened;
    ElfSymbols symbols(std::move(elf), file.path(), no_root);
    for (const auto& [name, place] : places) symbols.frames_at(place.file_offset);
  };
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 50 + 1) ask(whole.substr(0, size));
  std::uint32_t random = 1;
  for (int round = 0; round < 150; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 100; ++i) {
      random = random * 1664525u + 1013904223u;
      damaged[64 + (random >> 4) % (damaged.size() - 64)] = static_cast<char>(random >> 24);
    }
    ask(damaged);
  }
  CHECK(opened > 100);
}

TEST_CASE("Mangled names are shown as they were written") {
  CHECK(demangle("_ZN6sample5Shape5outerEiPKc", true) == "sample::Shape::outer(int, char const*)");
  CHECK(demangle("plain_c", true) == "plain_c");
  CHECK(demangle("_Zx", true) == "_Zx");
  // Each level doubles what is before it: a megabyte of text at 20 levels.
  std::string bomb = "_Z1fSt4pairIiiE";
  for (int i = 0; i < 20; ++i) {
    const std::string last = i == 0 ? "S0_" : "S" + std::string(1, "0123456789ABCDEFGHIJKLMNOP"[i]) + "_";
    bomb += "St4pairI" + last + last + "E";
  }
  CHECK(demangle(bomb, false) == bomb);
}
