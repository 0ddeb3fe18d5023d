// Numbers whose bits have names: flags, open_flags, file_mode.
#include <fcntl.h>
#include <sys/stat.h>

#include "support/catch.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

test::SpecPlan number(const std::string& options, std::uint32_t size, bool is_signed = false,
                      const std::string& machine = "x86_64") {
  BtfBuilder btf;
  const auto type = btf.integer("number", size, is_signed ? BTF_INT_SIGNED : 0);
  btf.structure("event", size, {{"f", type, 0}});
  return test::ring_of(btf, R"("type": "struct event", "fields": {"f": {)" + options + "}}", machine);
}

std::string shown(const test::SpecPlan& plan, std::uint64_t value) {
  if (!plan.mistakes.empty()) return plan.mistakes;
  RecordBytes bytes;
  bytes.u64(value);
  return test::plain(plan.field("f"), bytes.view());
}

std::string flags(const std::string& values, std::uint64_t value, std::uint32_t size = 4) {
  return shown(number(R"("as": "flags", "values": {)" + values + "}", size), value);
}

std::string open_flags(std::uint64_t value, const std::string& machine = "x86_64") {
  return shown(number(R"("as": "open_flags")", 4, true, machine), value);
}

std::string file_mode(std::uint64_t value, std::uint32_t size = 4) {
  return shown(number(R"("as": "file_mode")", size), value);
}

}  // namespace

TEST_CASE("Flags are the names of the bits that are set, and the rest") {
  const std::string names = R"("1": "FIN", "2": "SYN", "16": "ACK")";
  CHECK(flags(names, 2) == "SYN");
  CHECK(flags(names, 18) == "SYN|ACK");
  CHECK(flags(names, 0) == "0");
  CHECK(flags(names, 4) == "0x4");
  CHECK(flags(names, 0xff) == "FIN|SYN|ACK|0xec");
}

TEST_CASE("No flags have the name of 0, if there is one") {
  CHECK(flags(R"("0": "NONE", "1": "A")", 0) == "NONE");
  CHECK(flags(R"("0": "NONE", "1": "A")", 1) == "A");
  CHECK(flags(R"("0": "NONE", "1": "A")", 2) == "0x2");
}

TEST_CASE("A name of several bits takes precedence over the names of single bits") {
  const std::string names = R"("1": "R", "2": "W", "3": "RW", "0x70": "SEVENTY")";
  CHECK(flags(names, 3) == "RW");
  CHECK(flags(names, 2) == "W");
  CHECK(flags(names, 0x73) == "SEVENTY|RW");
  CHECK(flags(names, 0x50) == "0x50");
}

TEST_CASE("Two names of the same bits: the first is printed") {
  CHECK(flags(R"("4": "FIRST", "0x4": "SECOND")", 4) == "FIRST");
}

TEST_CASE("Flags include the highest bit of a number") {
  CHECK(flags(R"("0x8000000000000000": "TOP", "1": "LOW")", 0x8000'0000'0000'0001, 8) == "LOW|TOP");
  CHECK(flags(R"("-1": "ALL")", ~0ull, 8) == "ALL");
  CHECK(flags(R"("-1": "ALL")", 0xff, 1) == "ALL");
  const auto small = number(R"("as": "flags", "values": {"-128": "TOP", "1": "LOW"})", 1, true);
  CHECK(shown(small, 0x81) == "LOW|TOP");
  CHECK(shown(small, 0xc1) == "LOW|TOP|0x40");
}

TEST_CASE("Flags need names") {
  CHECK(
      number(R"("as": "flags")", 4).mistakes ==
      "\"flags\" takes an integer whose values have names (an enum, or with \"values\"); the field \"f\" is "
      "number\n");
}

TEST_CASE("Renderer open_flags on x86_64") {
  CHECK(open_flags(0) == "O_RDONLY");
  CHECK(open_flags(01) == "O_WRONLY");
  CHECK(open_flags(02) == "O_RDWR");
  CHECK(open_flags(01 | 0100 | 01000) == "O_WRONLY|O_CREAT|O_TRUNC");
  CHECK(open_flags(02000000) == "O_RDONLY|O_CLOEXEC");
  CHECK(open_flags(0200000) == "O_RDONLY|O_DIRECTORY");
  CHECK(open_flags(0400000) == "O_RDONLY|O_NOFOLLOW");
  CHECK(open_flags(040000) == "O_RDONLY|O_DIRECT");
  CHECK(open_flags(0100000) == "O_RDONLY|O_LARGEFILE");
  CHECK(open_flags(02 | 020200000) == "O_RDWR|O_TMPFILE");
}

TEST_CASE("Renderer open_flags on aarch64") {
  CHECK(open_flags(040000, "aarch64") == "O_RDONLY|O_DIRECTORY");
  CHECK(open_flags(0100000, "aarch64") == "O_RDONLY|O_NOFOLLOW");
  CHECK(open_flags(0200000, "aarch64") == "O_RDONLY|O_DIRECT");
  CHECK(open_flags(0400000, "aarch64") == "O_RDONLY|O_LARGEFILE");
  CHECK(open_flags(02 | 020040000, "aarch64") == "O_RDWR|O_TMPFILE");
  CHECK(open_flags(01 | 0100, "aarch64") == "O_WRONLY|O_CREAT");
}

TEST_CASE("Renderer open_flags under a 32-bit personality") {
  CHECK(open_flags(0200000, "i686") == "O_RDONLY|O_DIRECTORY");
  CHECK(open_flags(040000, "armv8l") == "O_RDONLY|O_DIRECTORY");
}

TEST_CASE("Renderer open_flags prints no names for a machine whose numbers it does not know") {
  CHECK(open_flags(0x101, "mips64") == "O_WRONLY|0x100");
  CHECK(open_flags(0x101, "") == "O_WRONLY|0x100");
}

TEST_CASE("O_SYNC is one flag of two bits") {
  CHECK(open_flags(04010000) == "O_RDONLY|O_SYNC");
  CHECK(open_flags(010000) == "O_RDONLY|O_DSYNC");
  CHECK(open_flags(04000000) == "O_RDONLY|0x100000");
}

TEST_CASE("Renderer open_flags prints bits without a name in hexadecimal") {
  CHECK(open_flags(03) == "0x3");
  CHECK(open_flags(03 | 0100) == "O_CREAT|0x3");
  CHECK(open_flags(0xffff'ffff).find("0x") != std::string::npos);
  CHECK(open_flags(020000000) == "O_RDONLY|0x400000");
}

#ifdef __x86_64__
TEST_CASE("Renderer open_flags agrees with the machine's own header") {
  CHECK(open_flags(O_WRONLY | O_CREAT | O_EXCL) == "O_WRONLY|O_CREAT|O_EXCL");
  CHECK(open_flags(O_DIRECTORY | O_NOFOLLOW) == "O_RDONLY|O_DIRECTORY|O_NOFOLLOW");
  CHECK(open_flags(O_TMPFILE | O_RDWR) == "O_RDWR|O_TMPFILE");
  CHECK(open_flags(O_SYNC) == "O_RDONLY|O_SYNC");
  CHECK(open_flags(O_PATH | O_NOATIME) == "O_RDONLY|O_NOATIME|O_PATH");
}
#endif

TEST_CASE("Renderer file_mode knows every type of file") {
  CHECK(file_mode(S_IFREG | 0644) == "-rw-r--r--");
  CHECK(file_mode(S_IFDIR | 0755) == "drwxr-xr-x");
  CHECK(file_mode(S_IFLNK | 0777) == "lrwxrwxrwx");
  CHECK(file_mode(S_IFCHR | 0620) == "crw--w----");
  CHECK(file_mode(S_IFBLK | 0660) == "brw-rw----");
  CHECK(file_mode(S_IFIFO | 0600) == "prw-------");
  CHECK(file_mode(S_IFSOCK | 0000) == "s---------");
  CHECK(file_mode(0xf000 | 0001) == "?--------x");
}

TEST_CASE("Renderer file_mode without a type has permissions only") {
  CHECK(file_mode(0644) == "rw-r--r--");
  CHECK(file_mode(0) == "---------");
  CHECK(file_mode(0644, 2) == "rw-r--r--");
}

TEST_CASE("Renderer file_mode shows set-id and sticky bits") {
  CHECK(file_mode(S_IFREG | 04755) == "-rwsr-xr-x");
  CHECK(file_mode(S_IFREG | 04644) == "-rwSr--r--");
  CHECK(file_mode(S_IFREG | 02755) == "-rwxr-sr-x");
  CHECK(file_mode(S_IFREG | 02745) == "-rwxr-Sr-x");
  CHECK(file_mode(S_IFDIR | 01777) == "drwxrwxrwt");
  CHECK(file_mode(S_IFDIR | 01776) == "drwxrwxrwT");
  CHECK(file_mode(07777) == "rwsrwsrwt");
}
