#include "host/process_maps.h"

#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "unit/temporary_file.h"

using namespace probe_run;

namespace {

std::string to_text(const Mappings& mappings) {
  std::string text;
  char line[256];
  for (const Mapping& mapping : mappings) {
    std::snprintf(line, sizeof line, "%llx-%llx %llx %s\n", static_cast<unsigned long long>(mapping.start),
                  static_cast<unsigned long long>(mapping.end),
                  static_cast<unsigned long long>(mapping.offset), mapping.file->path.c_str());
    text += line;
  }
  return text;
}

Mapping mapping(std::uint64_t start, std::uint64_t end, std::uint64_t offset, const std::string& path) {
  return {start, end, offset, std::make_shared<const MappedFile>(MappedFile{path, {}, {}})};
}

std::string with_new(std::uint64_t start, std::uint64_t end) {
  Mappings mappings;
  add_mapping(mappings, mapping(0x3000, 0x5000, 0x10000, "b"));
  add_mapping(mappings, mapping(0x1000, 0x2000, 0, "a"));
  add_mapping(mappings, mapping(start, end, 0x500, "new"));
  return to_text(mappings);
}

// No /proc: only events.
ProcessMaps no_proc() {
  return ProcessMaps("/does/not/exist");
}

MappingEvent mapped(std::uint32_t pid, std::uint64_t start, const std::string& path, std::uint64_t time) {
  MappingAdded added;
  added.pid = pid;
  added.start = start;
  added.size = 0x1000;
  added.path = path;
  return {time, added};
}
MappingEvent executed(std::uint32_t pid, std::uint64_t time) {
  return {time, ProgramExecuted{pid}};
}
MappingEvent forked(std::uint32_t pid, std::uint32_t parent, std::uint64_t time) {
  return {time, ProcessForked{pid, parent}};
}
MappingEvent exited(std::uint32_t pid, std::uint64_t time) {
  return {time, ProcessExited{pid}};
}

std::string found(ProcessMaps& processes, std::uint32_t pid, std::uint64_t address) {
  const auto found = processes.find(pid, address);
  if (!found) return "none";
  return found->mapping.file->path + (found->alive ? "" : " exited");
}

// A directory like /proc with one process.
class FakeProc {
 public:
  explicit FakeProc(const std::string& maps) {
    std::filesystem::create_directories(path() + "/5");
    write(maps);
  }
  ~FakeProc() { std::filesystem::remove_all(path()); }
  FakeProc(const FakeProc&) = delete;
  FakeProc& operator=(const FakeProc&) = delete;
  std::string path() const { return place_.path() + ".proc"; }
  void write(const std::string& maps) const { std::ofstream(path() + "/5/maps") << maps; }

 private:
  test::TemporaryFile place_;
};

}  // namespace

TEST_CASE("Executable mappings are read from the text of maps") {
  CHECK(to_text(parse_maps("55d0000-55d1000 r--p 00000000 fe:01 12                         /usr/bin/a b\n"
                           "55d1000-55d3000 r-xp 00001000 fe:01 12                         /usr/bin/a b\n"
                           "7f000000-7f001000 rwxp 00000000 00:00 0 \n"
                           "7f100000-7f101000 r-xp 00000000 00:00 0                        [vdso]\n"
                           "7f200000-7f201000 r-xs 00002000 00:05 99                       /tmp/x (deleted)\n"
                           "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0        [vsyscall]\n")) ==
        "55d1000-55d3000 1000 /usr/bin/a b\n"
        "7f000000-7f001000 0 [anon]\n"
        "7f100000-7f101000 0 [vdso]\n"
        "7f200000-7f201000 2000 /tmp/x\n"
        "ffffffffff600000-ffffffffff601000 0 [vsyscall]\n");
  const Mappings mappings = parse_maps("1000-2000 r-xp 0 fe:1f 12 /a");
  REQUIRE(mappings.size() == 1);
  CHECK(mappings[0].file->identity == FileIdentity{0xfe, 0x1f, 12});
}

TEST_CASE("Invalid lines of maps are skipped") {
  for (const char* const line :
       {"", "\n\n", "1000", "1000-2000", "1000-2000 r-xp", "1000-2000 r-xp 0", "1000-2000 r-xp 0 1:2",
        "1000-2000 r-xp 0 1:2 x /a", "2000-1000 r-xp 0 1:2 3 /a", "1000-1000 r-xp 0 1:2 3 /a",
        "1000-2000 r-x", "g-2000 r-xp 0 1:2 3 /a", "1000-2000 r--p 0 1:2 3 /a",
        "11111111111111111-2 r-xp 0 1:2 3 /a"}) {
    INFO(line);
    CHECK(to_text(parse_maps(line)) == "");
  }
}

TEST_CASE("A new mapping replaces the old ones at its address") {
  CHECK(with_new(0x2000, 0x3000) == "1000-2000 0 a\n2000-3000 500 new\n3000-5000 10000 b\n");
  CHECK(with_new(0x3000, 0x5000) == "1000-2000 0 a\n3000-5000 500 new\n");
  CHECK(with_new(0x3800, 0x4000) ==
        "1000-2000 0 a\n3000-3800 10000 b\n3800-4000 500 new\n4000-5000 11000 b\n");
  CHECK(with_new(0x1800, 0x3800) == "1000-1800 0 a\n1800-3800 500 new\n3800-5000 10800 b\n");
  CHECK(with_new(0, 0x10000) == "0-10000 500 new\n");
  CHECK(with_new(0x6000, 0x7000) == "1000-2000 0 a\n3000-5000 10000 b\n6000-7000 500 new\n");
}

TEST_CASE("An address is found in the mapping that contains it") {
  Mappings mappings;
  add_mapping(mappings, mapping(0x1000, 0x2000, 0, "a"));
  add_mapping(mappings, mapping(0x3000, 0x4000, 0, "b"));
  const auto path = [&](std::uint64_t address) {
    const Mapping* const at = find_mapping(mappings, address);
    return at == nullptr ? "none" : at->file->path;
  };
  CHECK(path(0xfff) == "none");
  CHECK(path(0x1000) == "a");
  CHECK(path(0x1fff) == "a");
  CHECK(path(0x2000) == "none");
  CHECK(path(0x3fff) == "b");
  CHECK(path(0x4000) == "none");
}

TEST_CASE("A process that has exited keeps its mappings") {
  ProcessMaps processes = no_proc();
  processes.apply({executed(5, 1), mapped(5, 0x1000, "/bin/a", 2), exited(5, 3)});
  CHECK(found(processes, 5, 0x1800) == "/bin/a exited");
  CHECK(found(processes, 5, 0x2000) == "none");
  CHECK(found(processes, 6, 0x1800) == "none");
}

TEST_CASE("A child has its parent's mappings until it calls exec") {
  ProcessMaps processes = no_proc();
  processes.apply({executed(5, 1), mapped(5, 0x1000, "/bin/shell", 2), forked(6, 5, 3)});
  CHECK(found(processes, 6, 0x1000) == "/bin/shell");
  processes.apply({mapped(6, 0x8000, "/lib/late", 4)});
  CHECK(found(processes, 6, 0x8000) == "/lib/late");
  CHECK(found(processes, 5, 0x8000) == "none");
  processes.apply({executed(6, 5), mapped(6, 0x1000, "/bin/true", 6)});
  CHECK(found(processes, 6, 0x1000) == "/bin/true");
  CHECK(found(processes, 5, 0x1000) == "/bin/shell");
}

TEST_CASE("An address of the program before the last exec is still known") {
  ProcessMaps processes = no_proc();
  processes.apply({executed(5, 1), mapped(5, 0x1000, "/bin/shell", 2), mapped(5, 0x8000, "/lib/c", 2)});
  processes.apply({executed(5, 3), mapped(5, 0x1000, "/bin/true", 4)});
  CHECK(found(processes, 5, 0x8000) == "/lib/c");
  CHECK(found(processes, 5, 0x1000) == "/bin/true");
}

TEST_CASE("A reused process id is another process") {
  ProcessMaps processes = no_proc();
  processes.apply({executed(5, 1), mapped(5, 0x1000, "/bin/a", 2), exited(5, 3)});
  processes.apply({executed(9, 4), mapped(9, 0x3000, "/bin/b", 5), forked(5, 9, 6)});
  CHECK(found(processes, 5, 0x1000) == "none");
  CHECK(found(processes, 5, 0x3000) == "/bin/b");
  processes.apply({exited(5, 7), forked(5, 77, 8)});  // of an unknown parent
  CHECK(found(processes, 5, 0x3000) == "none");
}

TEST_CASE("The last 1024 processes that have exited are kept") {
  ProcessMaps processes = no_proc();
  for (std::uint32_t pid = 1; pid <= 1025; ++pid) {
    processes.apply({executed(pid, pid), mapped(pid, 0x1000, "/bin/a", pid), exited(pid, pid)});
  }
  CHECK(processes.size() == 1024);
  CHECK(found(processes, 1, 0x1000) == "none");
  CHECK(found(processes, 2, 0x1000) == "/bin/a exited");
  CHECK(found(processes, 1025, 0x1000) == "/bin/a exited");
}

TEST_CASE("A mapping past the end of the address space is ignored") {
  ProcessMaps processes = no_proc();
  MappingAdded added;
  added.pid = 5;
  added.start = ~std::uint64_t{0} - 10;
  added.size = 100;
  added.path = "/a";
  processes.apply({executed(5, 1), {2, added}});
  CHECK(found(processes, 5, added.start + 1) == "none");
}

TEST_CASE("A process is read from /proc at first sight") {
  const FakeProc proc("1000-2000 r-xp 00000000 fe:01 12 /bin/a\n");
  ProcessMaps processes(proc.path());
  CHECK(found(processes, 5, 0x1000) == "/bin/a");
  CHECK(found(processes, 6, 0x1000) == "none");
  // Older than the mappings read.
  processes.apply({executed(5, 1), mapped(5, 0x1000, "/bin/old", 1), exited(5, 1)});
  CHECK(found(processes, 5, 0x1000) == "/bin/a");
}

TEST_CASE("After a loss a process is read from /proc again") {
  const FakeProc proc("1000-2000 r-xp 00000000 fe:01 12 /bin/a\n");
  ProcessMaps processes(proc.path());
  CHECK(found(processes, 5, 0x1000) == "/bin/a");
  proc.write("1000-2000 r-xp 00000000 fe:01 12 /bin/b\n");
  CHECK(found(processes, 5, 0x1000) == "/bin/a");
  processes.apply({{3, RecordsLost{4}}});
  CHECK(processes.lost_records() == 4);
  CHECK(found(processes, 5, 0x1000) == "/bin/b");
  std::filesystem::remove_all(proc.path());
  processes.apply({{4, RecordsLost{1}}});
  CHECK(found(processes, 5, 0x1000) == "/bin/b exited");
}
