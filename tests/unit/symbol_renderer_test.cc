// Addresses by their functions: ksym and usym.
#include <nlohmann/json.hpp>

#include "format/csv_format.h"
#include "format/json_value.h"
#include "support/catch.h"
#include "unit/fake_names.h"
#include "unit/spec_plan.h"
#include "view/group_table.h"

using namespace probe_run;
using test::BtfBuilder;
using test::FakeNames;
using test::RecordBytes;

namespace {

constexpr std::uint64_t address = 0xffff'ffff'8100'0010;

// struct event { u32 pid; u32 tgid; u64 at; u64 list[3]; struct { u32 pid; u32 pad; u64 at; } who; who
// threads[2]; }
BtfBuilder types() {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto who = btf.structure("who", 16, {{"pid", u32, 0}, {"other", u32, 32}, {"at", u64, 64}});
  btf.structure("event", 88,
                {{"pid", u32, 0},
                 {"tgid", u32, 32},
                 {"at", u64, 64},
                 {"list", btf.array(u64, 3), 128},
                 {"who", who, 320},
                 {"threads", btf.array(who, 2), 448}});
  return btf;
}

RecordBytes record() {
  RecordBytes bytes;
  bytes.u32(10).u32(20).u64(address).u64(address).u64(1).u64(2);
  bytes.u32(30).u32(35).u64(address).u32(40).u32(45).u64(address).u32(50).u32(55).u64(address);
  return bytes;
}

test::SpecPlan with(const std::string& fields) {
  return test::ring_of(types(), R"("type": "struct event", "fields": {)" + fields + "}");
}

RenderContext asking(Names& names) {
  RenderContext context;
  context.names = &names;
  return context;
}

std::string shown(const test::SpecPlan& plan, const std::string& field, Names& names) {
  if (!plan.mistakes.empty()) return plan.mistakes;
  return test::plain(plan.field(field), record().view(), asking(names));
}

nlohmann::json json(const test::SpecPlan& plan, const std::string& field, Names& names) {
  TextBuffer out;
  append_json(plan.field(field), record().view(), asking(names), out);
  return nlohmann::json::parse(out.view());
}

FakeNames processes() {
  FakeNames names;
  for (const std::uint32_t process : {10u, 20u, 30u, 35u, 40u, 50u, 45u, 55u}) {
    names.add(NameKind::user_symbol, "f" + std::to_string(process) + "\t1\t\t\n", process, address);
  }
  return names;
}

}  // namespace

TEST_CASE("A kernel address is shown as its function and the offset in it") {
  FakeNames names;
  names.add(NameKind::kernel_symbol, "do_sys_openat2\t28\t\t\n", address);
  CHECK(shown(with(R"("at": {"as": "ksym"})"), "at", names) == "do_sys_openat2+0x1c");
  CHECK(json(with(R"("at": {"as": "ksym"})"), "at", names) == "do_sys_openat2+0x1c");
}

TEST_CASE("A function of a module is followed by the module") {
  FakeNames names;
  names.add(NameKind::kernel_symbol, "ext4_sync_file\t0\text4\t\n", address);
  CHECK(shown(with(R"("at": {"as": "ksym"})"), "at", names) == "ext4_sync_file+0x0 [ext4]");
}

TEST_CASE("An address without a symbol is shown as its module and the offset in it") {
  FakeNames names;
  names.add(NameKind::kernel_symbol, "\t4096\tlibc.so.6\t\n", address);
  CHECK(shown(with(R"("at": {"as": "ksym"})"), "at", names) == "libc.so.6+0x1000");
}

TEST_CASE("An unknown address is a number") {
  FakeNames names;
  CHECK(shown(with(R"("at": {"as": "ksym"})"), "at", names) == "0xffffffff81000010");
  const auto plan = with(R"("at": {"as": "ksym"})");
  CHECK(test::plain(plan.field("at"), record().view()) == "0xffffffff81000010");
}

TEST_CASE("An array of addresses is a list of functions, up to the first 0") {
  FakeNames names;
  names.add(NameKind::kernel_symbol, "f\t0\t\t\n", address);
  names.add(NameKind::kernel_symbol, "g\t0\t\t\n", std::uint64_t{1});
  names.add(NameKind::kernel_symbol, "wrong\t0\t\t\n", std::uint64_t{0});
  const auto plan = with(R"("list": {"as": "ksym"})");
  CHECK(shown(plan, "list", names) == "f+0x0;g+0x0;0x2");
  CHECK(json(plan, "list", names) == nlohmann::json({"f+0x0", "g+0x0", "0x2"}));
  CHECK(test::plain(plan.field("list"), RecordBytes().zeros(88).view(), asking(names)) == "");
}

TEST_CASE("An address in an inlined function is shown as the enclosing function") {
  FakeNames names;
  names.add(NameKind::kernel_symbol, "inner\t0\t\tinlined\nmiddle\t0\t\tinlined\nouter\t16\tmod\t\n",
            address);
  CHECK(shown(with(R"("at": {"as": "ksym"})"), "at", names) == "outer+0x10 [mod]");
}

TEST_CASE("A user address is looked up in the process tgid, otherwise pid") {
  FakeNames names = processes();
  CHECK(shown(with(R"("at": {"as": "usym"})"), "at", names) == "f20+0x1");
  CHECK(shown(with(R"("at": {"as": "usym", "process": "pid"})"), "at", names) == "f10+0x1");
}

TEST_CASE("The process is first looked for next to the address") {
  FakeNames names = processes();
  // tgid takes precedence over pid, even if it is further out.
  CHECK(shown(with(R"("who.at": {"as": "usym"})"), "who.at", names) == "f20+0x1");
  CHECK(shown(with(R"("who.at": {"as": "usym", "process": "pid"})"), "who.at", names) == "f30+0x1");
  CHECK(shown(with(R"("who.at": {"as": "usym", "process": "other"})"), "who.at", names) == "f35+0x1");
  CHECK(shown(with(R"("at": {"as": "usym", "process": "who.other"})"), "at", names) == "f35+0x1");
}

TEST_CASE("In an array of structs, the process is the element's") {
  FakeNames names = processes();
  const auto by_pid = with(R"("threads[].at": {"as": "usym"})");
  CHECK(shown(by_pid, "threads", names) ==
        "[{pid=40, other=45, at=f40+0x1}, {pid=50, other=55, at=f50+0x1}]");
  const auto by_other = with(R"("threads[].at": {"as": "usym", "process": "other"})");
  CHECK(shown(by_other, "threads", names) ==
        "[{pid=40, other=45, at=f45+0x1}, {pid=50, other=55, at=f55+0x1}]");
  CHECK(with(R"("threads[].at": {"as": "usym", "process": "tgid"})").mistakes ==
        "the process id \"tgid\" is not a number field\n");
}

TEST_CASE("Fields that cannot be a process are refused") {
  CHECK(with(R"("at": {"as": "usym", "process": "list"})").mistakes ==
        "the process id \"list\" is not a number field\n");
  CHECK(with(R"("at": {"as": "ksym", "process": "pid"})").mistakes == "\"ksym\" does not need a process\n");
  CHECK(with(R"("at": {"as": "hex", "process": "pid"})").mistakes ==
        "\"process\" applies only to renderers of addresses\n");
  CHECK(with(R"("at": {"when": {"pid": 1}, "process": "pid"})").mistakes ==
        "\"process\" applies only to renderers of addresses\n");
  CHECK(with(R"("at": {"as": "ksym", "stacks": "m"})").mistakes ==
        "the field \"at\" contains addresses, not a stack id\n");
  CHECK(with(R"("pid": {"as": "ksym"})").mistakes ==
        "\"ksym\" takes an address of 8 bytes, or an array of them; the field \"pid\" is unsigned int\n");
  BtfBuilder btf;
  btf.structure("event", 8, {{"at", btf.integer("unsigned long long", 8), 0}});
  CHECK(test::ring_of(btf, R"("type": "struct event", "fields": {"at": {"as": "usym"}})").mistakes ==
        "\"usym\" needs the process that the addresses belong to\n");
}

TEST_CASE("Rows of an array of arrays do not have their own process") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  btf.structure("event", 40, {{"pid", u32, 0}, {"rows", btf.array(btf.array(u64, 2), 2), 64}});
  CHECK(test::ring_of(btf, R"("type": "struct event", "fields": {"rows": {"as": "usym"}})").mistakes ==
        "\"usym\" needs the process that the addresses belong to\n");
  CHECK(test::ring_of(btf, R"("type": "struct event", "fields": {"rows": {"as": "ksym"}})").mistakes == "");
}

TEST_CASE("Whatever a symbol's name contains, each format stays valid") {
  const std::string evil = "a\"b\\\x1b]0;x\x07\xff\xc2\x9b,;";
  FakeNames names;
  names.add(NameKind::kernel_symbol, evil + "\t1\t" + evil + "\t\n", address);
  const auto plan = with(R"("at": {"as": "ksym"}, "list": {"as": "ksym"})");
  const std::string text = shown(plan, "at", names);
  CHECK(text == "a\"b\\\\\\x1b]0;x\\x07\\xff\\u{009b},;+0x1 [a\"b\\\\\\x1b]0;x\\x07\\xff\\u{009b},;]");
  const std::string in_json = "a\"b\\\x1b]0;x\x07\xef\xbf\xbd\xc2\x9b,;";
  CHECK(json(plan, "at", names) == in_json + "+0x1 [" + in_json + "]");
  CHECK(json(plan, "list", names)[0] == in_json + "+0x1 [" + in_json + "]");
  CsvFormat csv({{"at", &plan.field("at")}}, Reader::person);
  TextBuffer out;
  csv.row(record().view(), asking(names), out);
  CHECK(std::count(out.view().begin(), out.view().end(), '\n') == 1);
  CHECK(out.view().find('\x1b') == std::string_view::npos);
}

TEST_CASE("Invalid frames are printed as far as they are valid") {
  for (const std::string answer :
       {"\n", "\t", "\t\t\t\n", "f", "f\t", "f\tx\n", "f\t99999999999999999999999\n", "\n\n\n", "f\t-1\tm",
        "f\t1\tm\tinlined\textra\n"}) {
    CAPTURE(answer);
    FakeNames names;
    names.add(NameKind::kernel_symbol, answer, address);
    const auto plan = with(R"("at": {"as": "ksym"}, "list": {"as": "ksym"})");
    const std::string text = shown(plan, "at", names) + shown(plan, "list", names);
    CHECK_FALSE(text.empty());
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
  }
}

TEST_CASE("Groups keep the process of their addresses") {
  FakeNames names = processes();
  const auto plan = with(R"("at": {"as": "usym", "process": "pid"})");
  GroupTable table({&plan.field("at")}, {{"n"}});
  RecordBytes other = record();
  table.add(record().view());
  table.add(other.view());
  RecordBytes thirty;
  thirty.u32(30).u32(0).u64(address).zeros(72);
  table.add(thirty.view());
  std::string text;
  table.for_each({}, [&](Bytes row) {
    text += test::plain(table.plan().root.fields[0], row, asking(names)) + " " +
            test::plain(table.plan().root.fields[1], row) + "\n";
  });
  CHECK(text == "f10+0x1 2\nf30+0x1 1\n");
}

TEST_CASE("A struct with addresses groups with the process in it, not with one outside of it") {
  FakeNames names = processes();
  CHECK_FALSE(KeptField::can_keep(with(R"("who.at": {"as": "usym"})").field("who")));
  const auto plan = with(R"("who.at": {"as": "usym", "process": "pid"})");
  REQUIRE(KeptField::can_keep(plan.field("who")));
  GroupTable table({&plan.field("who")}, {{"n"}});
  table.add(record().view());
  std::string text;
  table.for_each({},
                 [&](Bytes row) { text += test::plain(table.plan().root.fields[0], row, asking(names)); });
  CHECK(text == "{pid=30, other=35, at=f30+0x1}");
}
