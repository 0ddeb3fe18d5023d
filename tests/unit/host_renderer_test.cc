// Numbers that a machine has names for: users, groups, interfaces, cgroups, devices, system calls.
#include <nlohmann/json.hpp>

#include "format/json_value.h"
#include "support/catch.h"
#include "unit/fake_names.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::BtfBuilder;
using test::FakeNames;
using test::RecordBytes;

namespace {

test::SpecPlan number(const std::string& as, std::uint32_t size = 4, bool is_signed = false,
                      const std::string& machine = "x86_64") {
  BtfBuilder btf;
  btf.structure("event", size, {{"f", btf.integer("number", size, is_signed ? BTF_INT_SIGNED : 0), 0}});
  return test::ring_of(btf, R"("type": "struct event", "fields": {"f": {"as": ")" + as + "\"}}", machine);
}

std::string shown(const test::SpecPlan& plan, std::uint64_t value, Names* names = nullptr) {
  if (!plan.mistakes.empty()) return plan.mistakes;
  RenderContext context;
  context.names = names;
  RecordBytes bytes;
  return test::plain(plan.field("f"), bytes.u64(value).view(), context);
}

}  // namespace

TEST_CASE("Users, groups, interfaces and cgroups are printed by name") {
  FakeNames names;
  names.add(NameKind::user, "alice", 1000u).add(NameKind::group, "staff", 1000u);
  names.add(NameKind::interface, "eth0", 2u).add(NameKind::cgroup, "/system.slice", std::uint64_t{1} << 40);
  CHECK(shown(number("uid"), 1000, &names) == "alice");
  CHECK(shown(number("gid"), 1000, &names) == "staff");
  CHECK(shown(number("ifname"), 2, &names) == "eth0");
  CHECK(shown(number("cgroup", 8), std::uint64_t{1} << 40, &names) == "/system.slice");
}

TEST_CASE("A number without a name is printed, with its sign") {
  FakeNames names;
  CHECK(shown(number("uid"), 1001, &names) == "1001");
  CHECK(shown(number("uid"), 0xffff'ffff, &names) == "4294967295");
  CHECK(shown(number("uid", 4, true), 0xffff'ffff, &names) == "-1");
  CHECK(shown(number("ifname"), 7) == "7");
  CHECK(shown(number("cgroup", 8), ~0ull) == "18446744073709551615");
}

TEST_CASE("A user id of 64 bits is looked up by its lower half, as bpf_get_current_uid_gid() gives it") {
  FakeNames names;
  names.add(NameKind::user, "alice", 1000u);
  CHECK(shown(number("uid", 8), 1000 | std::uint64_t{50} << 32, &names) == "alice");
  CHECK(shown(number("uid", 2), 1000, &names) == "alice");
}

TEST_CASE("A name is escaped, whatever it contains") {
  FakeNames names;
  const std::string evil = "e\"t\\h\n\x1b[0m\xff";
  names.add(NameKind::interface, evil, 2u);
  const auto plan = number("ifname");
  CHECK(shown(plan, 2, &names) == "e\"t\\\\h\\n\\x1b[0m\\xff");
  RenderContext context;
  context.names = &names;
  TextBuffer out;
  append_json(plan.field("f"), RecordBytes().u32(2).view(), context, out);
  CHECK(nlohmann::json::parse(out.view()) == "e\"t\\h\n\x1b[0m\xef\xbf\xbd");
}

TEST_CASE("A device is its major and minor number") {
  CHECK(shown(number("majorminor"), 8u << 20 | 1) == "8:1");
  CHECK(shown(number("majorminor"), 0xffff'ffff) == "4095:1048575");
  CHECK(shown(number("majorminor"), 0) == "0:0");
  // As stat(2) returns it: makedev(8, 1), makedev(259, 300), makedev(4095, 1048575), and 64 bits.
  CHECK(shown(number("user_majorminor"), 0x801) == "8:1");
  CHECK(shown(number("user_majorminor"), 0x11032c) == "259:300");
  CHECK(shown(number("user_majorminor"), 0xffff'ffff) == "4095:1048575");
  CHECK(shown(number("user_majorminor", 8), 0x0000'1000'0000'0001) == "4096:1");
}

TEST_CASE("System calls have the names of the architecture that the object runs on") {
  CHECK(shown(number("syscall", 8), 59) == "execve");
  CHECK(shown(number("syscall", 8), 0) == "read");
  CHECK(shown(number("syscall", 8), 257) == "openat");
  CHECK(shown(number("syscall", 8, false, "aarch64"), 221) == "execve");
  CHECK(shown(number("syscall", 8, false, "aarch64"), 56) == "openat");
  CHECK(shown(number("syscall", 8, false, "riscv64"), 221) == "execve");
}

TEST_CASE("A system call without a name is its number") {
  CHECK(shown(number("syscall", 8), 100'000) == "100000");
  CHECK(shown(number("syscall", 8, true), ~0ull) == "-1");
  CHECK(shown(number("syscall", 8, false, "pdp11"), 59) == "59");
  CHECK(shown(number("syscall", 8, false, ""), 59) == "59");
}
