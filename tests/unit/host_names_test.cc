#include "host/host_names.h"

#include <pwd.h>
#include <unistd.h>

#include <fstream>

#include "host/symbol_table.h"
#include "host/user_symbols.h"
#include "support/catch.h"
#include "support/cgroup_mount.h"

using namespace probe_run;

namespace {

extern "C" [[gnu::noinline]] int a_function_of_this_test(int x) {
  asm volatile("");
  return x + 1;
}

template <class... Parts>
std::string name(HostNames& names, NameKind kind, Parts... parts) {
  return std::string(names.find(kind, name_key(parts...)));
}

std::string in_perf_map(const char* map, std::uint64_t address) {
  SymbolTable table;
  add_perf_map(table, map);
  table.finish();
  const auto symbol = table.find(address);
  return symbol ? std::string(symbol->name) + "+" + std::to_string(symbol->offset) : "none";
}

}  // namespace

TEST_CASE("Users, groups and interfaces have the machine's names") {
  HostNames names;
  CHECK(name(names, NameKind::user, std::uint32_t{0}) == "root");
  CHECK(name(names, NameKind::group, std::uint32_t{0}) == "root");
  CHECK(name(names, NameKind::user, std::uint32_t{3'999'999'999}) == "");
  CHECK(name(names, NameKind::group, std::uint32_t{3'999'999'999}) == "");
  CHECK(name(names, NameKind::interface, std::uint32_t{1}) == "lo");
  CHECK(name(names, NameKind::interface, std::uint32_t{3'999'999'999}) == "");
}

TEST_CASE("A key of the wrong size and a kind that hosts do not know have no name") {
  HostNames names;
  const std::array<std::byte, 64> zeros{};
  for (const NameKind kind : {NameKind::user, NameKind::group, NameKind::interface, NameKind::cgroup,
                              NameKind::kernel_symbol, NameKind::user_symbol, NameKind::build_id_symbol,
                              NameKind::stack, static_cast<NameKind>(0), static_cast<NameKind>(200)}) {
    for (const std::size_t size : {0u, 1u, 3u, 5u, 7u, 11u, 13u, 27u, 29u, 64u}) {
      INFO(static_cast<int>(kind) << " " << size);
      CHECK(names.find(kind, std::span(zeros).first(size)) == "");
    }
  }
  CHECK(name(names, NameKind::stack, std::uint32_t{1}, std::uint32_t{1}) == "");
}

TEST_CASE("This process's own functions have names") {
  HostNames names;
  const auto pid = static_cast<std::uint32_t>(::getpid());
  const auto function = reinterpret_cast<std::uint64_t>(&a_function_of_this_test);
  char self[4096];
  const ssize_t size = ::readlink("/proc/self/exe", self, sizeof self);
  const std::string module(self, static_cast<std::size_t>(size));
  CHECK(name(names, NameKind::user_symbol, pid, function + 1) ==
        "a_function_of_this_test\t1\t" + module + "\t\n");
  // The same again, from the cache.
  CHECK(name(names, NameKind::user_symbol, pid, function + 1) ==
        "a_function_of_this_test\t1\t" + module + "\t\n");
  CHECK(name(names, NameKind::user_symbol, pid, std::uint64_t{16}) == "");
  CHECK(name(names, NameKind::user_symbol, std::uint32_t{0}, function) == "");
}

TEST_CASE("An unknown build ID has no frames") {
  HostNames names;
  const std::array<char, 20> id{"no such build id"};
  CHECK(name(names, NameKind::build_id_symbol, id, std::uint64_t{4096}) == "");
}

TEST_CASE("A frame is one line, whatever its names contain") {
  std::string text;
  append_frame(text, "a\tb\nc", 18446744073709551615u, "/tmp/x\ty\n", true);
  append_frame(text, "", 0, "", false);
  CHECK(text == "a?b?c\t18446744073709551615\t/tmp/x?y?\tinlined\n\t0\t\t\n");
  CHECK(one_field("a\tb\nc") == "a?b?c");
}

TEST_CASE("The hierarchy of cgroup v2 is found among the mounts") {
  CHECK(cgroup2_mount_point("") == "");
  CHECK(cgroup2_mount_point("24 1 0:22 / /proc rw - proc proc rw\n"
                            "31 24 0:27 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n") ==
        "/sys/fs/cgroup");
  CHECK(cgroup2_mount_point("31 24 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                            "32 24 0:28 / /a\\040b\\134 rw - cgroup2 none rw\n") == "/a b\\");
  // A part of the hierarchy is used only if nothing else is mounted.
  const std::string part = "30 24 0:27 /docker/x /part rw - cgroup2 cgroup rw\n";
  CHECK(cgroup2_mount_point(part) == "/part");
  CHECK(cgroup2_mount_point(part + "31 24 0:27 / /whole rw - cgroup2 cgroup rw\n") == "/whole");
  CHECK(cgroup2_mount_point(" - cgroup2 \n - cgroup2") == "");
}

TEST_CASE("A perf map names the functions of a just-in-time compiler") {
  const char* const map =
      "1000 20 java.lang.String::hash Code\n0x2000 0x10 second\nbroken\n3000 zz x\n4000 10\n"
      "fffffffffffffff0 20 over_the_end\n1000 30 compiled_again";
  CHECK(in_perf_map(map, 0x1000) == "compiled_again+0");
  CHECK(in_perf_map(map, 0x102f) == "compiled_again+47");
  CHECK(in_perf_map(map, 0x1030) == "none");
  CHECK(in_perf_map(map, 0x200f) == "second+15");
  CHECK(in_perf_map(map, 0x3000) == "none");
  CHECK(in_perf_map(map, 0x4000) == "none");
  CHECK(in_perf_map(map, 0xfffffffffffffff8) == "none");
  CHECK(in_perf_map("1000 20 java.lang.String::hash Code\n", 0x1004) == "java.lang.String::hash Code+4");
}
