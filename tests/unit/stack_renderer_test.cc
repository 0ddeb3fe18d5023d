// Stacks by their functions: kstack and ustack.
#include <nlohmann/json.hpp>

#include "format/json_value.h"
#include "support/catch.h"
#include "unit/fake_names.h"
#include "unit/spec_plan.h"
#include "view/row_value.h"

using namespace probe_run;
using test::BtfBuilder;
using test::FakeNames;
using test::RecordBytes;

namespace {

// struct event { u32 tgid; s32 id; u64 stack[4]; }
test::SpecPlan addresses(const std::string& fields = R"("stack": {"as": "kstack"})") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto s32 = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto u64 = btf.integer("unsigned long long", 8);
  btf.structure("event", 40, {{"tgid", u32, 0}, {"id", s32, 32}, {"stack", btf.array(u64, 4), 64}});
  auto object = test::object_of(
      btf, {test::map_info("events", BPF_MAP_TYPE_RINGBUF), test::map_info("counts", BPF_MAP_TYPE_HASH, 4, 8),
            test::map_info("stacks", BPF_MAP_TYPE_STACK_TRACE, 4, 1016)});
  return test::plan_of(std::move(object),
                       R"({"name": "events", "type": "struct event", "fields": {)" + fields + "}}");
}

// struct event { u32 tgid; struct bpf_stack_build_id stack[3]; }
test::SpecPlan build_ids(const std::string& as = "ustack") {
  BtfBuilder btf;
  const auto s32 = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto u8 = btf.integer("unsigned char", 1);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto place = btf.union_of("", 8, {{"offset", u64, 0}, {"ip", u64, 0}});
  const auto entry = btf.structure(
      "bpf_stack_build_id", 32, {{"status", s32, 0}, {"build_id", btf.array(u8, 20), 32}, {"", place, 192}});
  btf.structure("event", 104, {{"tgid", s32, 0}, {"stack", btf.array(entry, 3), 64}});
  return test::ring_of(btf, R"("type": "struct event", "fields": {"stack": {"as": ")" + as + "\"}}");
}

RecordBytes stack(std::initializer_list<std::uint64_t> list, std::int32_t id = 0) {
  RecordBytes bytes;
  bytes.u32(7).i32(id);
  for (const std::uint64_t address : list) bytes.u64(address);
  return bytes;
}

RenderContext asking(Names& names) {
  RenderContext context;
  context.names = &names;
  return context;
}

std::string shown(const test::SpecPlan& plan, const std::string& field, const RecordBytes& bytes,
                  Names& names) {
  if (!plan.mistakes.empty()) return plan.mistakes;
  return test::plain(plan.field(field), bytes.view(), asking(names));
}

nlohmann::json json(const test::SpecPlan& plan, const std::string& field, const RecordBytes& bytes,
                    Names& names) {
  TextBuffer out;
  append_json(plan.field(field), bytes.view(), asking(names), out);
  return nlohmann::json::parse(out.view());
}

// f1 at 0x1000, f2 at 0x2000, ...: 0x100 bytes each; the byte after it belongs to "next".
FakeNames kernel() {
  FakeNames names;
  for (std::uint64_t i = 1; i <= 4; ++i) {
    const std::string name = "f" + std::to_string(i);
    names.add(NameKind::kernel_symbol, name + "\t16\t\t\n", i * 0x1000 + 0x10);
    names.add(NameKind::kernel_symbol, name + "\t15\t\t\n", i * 0x1000 + 0x0f);
    names.add(NameKind::kernel_symbol, name + "\t255\t\t\n", i * 0x1000 + 0xff);
    names.add(NameKind::kernel_symbol, "next\t0\t\t\n", i * 0x1000 + 0x100);
  }
  return names;
}

std::string stack_bytes(std::initializer_list<std::uint64_t> list) {
  std::string bytes;
  for (const std::uint64_t address : list) {
    for (unsigned i = 0; i < 8; ++i) bytes += static_cast<char>(address >> (8 * i));
  }
  return bytes;
}

}  // namespace

TEST_CASE("A stack is its functions, innermost first, up to the first 0") {
  FakeNames names = kernel();
  CHECK(shown(addresses(), "stack", stack({0x1010, 0x2010, 0, 0x3010}), names) == "f1+0x10;f2+0x10");
  CHECK(json(addresses(), "stack", stack({0x1010, 0x2010, 0, 0}), names) ==
        nlohmann::json({"f1+0x10", "f2+0x10"}));
}

TEST_CASE("A return address is looked up in the function that called") {
  FakeNames names = kernel();
  // The call is the last instruction of f2: another function starts after it.
  CHECK(shown(addresses(), "stack", stack({0x1100, 0x2100, 0, 0}), names) == "next+0x0;f2+0x100");
}

TEST_CASE("A stack that is empty is an empty list") {
  FakeNames names = kernel();
  CHECK(shown(addresses(), "stack", stack({0, 0, 0, 0}), names) == "");
  CHECK(json(addresses(), "stack", stack({0, 0, 0, 0}), names) == nlohmann::json::array());
}

TEST_CASE("A stack may fill its array without a 0") {
  FakeNames names = kernel();
  CHECK(shown(addresses(), "stack", stack({0x1010, 0x2010, 0x3010, 0x4010}), names) ==
        "f1+0x10;f2+0x10;f3+0x10;f4+0x10");
}

TEST_CASE("A stack that is cut by the record's end has the addresses that are present") {
  FakeNames names = kernel();
  CHECK(shown(addresses(), "stack", stack({0x1010, 0x2010}), names) == "f1+0x10;f2+0x10");
  CHECK(shown(addresses(), "stack", stack({}), names) == "");
  RecordBytes half = stack({0x1010});
  half.u32(0x2010);
  CHECK(shown(addresses(), "stack", half, names) == "f1+0x10");
  const auto plan = addresses();
  CHECK(test::plain(plan.field("stack"), stack({}).view().first(7)) == "-");
  CHECK(plan->fit(stack({0x1010}).view(), 0) == Fit::whole);
  std::vector<std::byte> copy(32, std::byte{0xff});
  const RecordBytes cut = stack({0x1010});
  const std::vector<std::byte> exact(cut.view().begin(), cut.view().end());
  copy_canonical(plan.field("stack"), exact, copy.data());
  CHECK(copy[0] == std::byte{0x10});
  CHECK(copy[31] == std::byte{0});
}

TEST_CASE("A flexible array of addresses is a stack") {
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  btf.structure("event", 8, {{"n", u64, 0}, {"stack", btf.array(u64, 0), 64}});
  const auto plan = test::ring_of(btf, R"("type": "struct event", "fields": {"stack": {"as": "kstack"}})");
  FakeNames names = kernel();
  RecordBytes bytes;
  CHECK(shown(plan, "stack", bytes.u64(2).u64(0x1010).u64(0x2010).u8(1), names) == "f1+0x10;f2+0x10");
}

TEST_CASE("Inlined functions are lines of their own") {
  FakeNames names;
  names.add(NameKind::kernel_symbol, "inner\t0\tm\tinlined\nouter\t32\tm\t\n", std::uint64_t{0x1010});
  names.add(NameKind::kernel_symbol, "in\t0\t\tinlined\nout\t31\t\t\n", std::uint64_t{0x200f});
  CHECK(json(addresses(), "stack", stack({0x1010, 0x2010, 0, 0}), names) ==
        nlohmann::json({"inner (inlined)", "outer+0x20 [m]", "in (inlined)", "out+0x20"}));
}

TEST_CASE("An unknown address in a stack is printed as a number") {
  FakeNames names;
  CHECK(shown(addresses(), "stack", stack({0x1010, 0x2010, 0, 0}), names) == "0x1010;0x2010");
  const auto plan = addresses();
  CHECK(test::plain(plan.field("stack"), stack({0x1010, 0x2010, 0, 0}).view()) == "0x1010;0x2010");
}

TEST_CASE("A user stack is symbolized in its process") {
  FakeNames names;
  names.add(NameKind::user_symbol, "main\t1\ta.out\t\n", 7u, std::uint64_t{0x1010});
  CHECK(shown(addresses(R"("stack": {"as": "ustack"})"), "stack", stack({0x1010, 0, 0, 0}), names) ==
        "main+0x1 [a.out]");
}

TEST_CASE("A stack id is shown as the stack in its map") {
  const auto plan = addresses(R"("id": {"as": "kstack", "stacks": "stacks"})");
  FakeNames names = kernel();
  names.add(NameKind::stack, stack_bytes({0x1010, 0x2010}), 2u, 5u);
  names.add(NameKind::stack, stack_bytes({0x1010, 0, 0x2010}), 2u, 6u);
  names.add(NameKind::stack, "odd", 2u, 8u);
  names.add(NameKind::stack, stack_bytes({0x3010}), 1u, 9u);  // of another map
  CHECK(shown(plan, "id", stack({0, 0, 0, 0}, 5), names) == "f1+0x10;f2+0x10");
  CHECK(shown(plan, "id", stack({0, 0, 0, 0}, 6), names) == "f1+0x10");
  CHECK(shown(plan, "id", stack({0, 0, 0, 0}, 8), names) == "");
  CHECK(json(plan, "id", stack({0, 0, 0, 0}, 5), names) == nlohmann::json({"f1+0x10", "f2+0x10"}));
}

TEST_CASE("An unknown stack id is shown as unknown") {
  const auto plan = addresses(R"("id": {"as": "kstack", "stacks": "stacks"})");
  FakeNames names = kernel();
  CHECK(shown(plan, "id", stack({0, 0, 0, 0}, 9), names) == "stack 9 is not known");
  CHECK(test::plain(plan.field("id"), stack({0, 0, 0, 0}, 9).view()) == "stack 9 is not known");
}

TEST_CASE("A stack id that is an error is shown as the error") {
  const auto plan = addresses(R"("id": {"as": "kstack", "stacks": "stacks"})");
  FakeNames names = kernel();
  CHECK(shown(plan, "id", stack({0, 0, 0, 0}, -14), names) == "");
  CHECK(json(plan, "id", stack({0, 0, 0, 0}, -14), names) == nlohmann::json::array());
  const auto unsigned_id = addresses(R"("tgid": {"as": "kstack", "stacks": "stacks"})");
  RecordBytes bytes;
  bytes.i32(-14).zeros(36);
  CHECK(shown(unsigned_id, "tgid", bytes, names) == "");
}

TEST_CASE("A stack that is longer than any real one is cut") {
  const auto plan = addresses(R"("id": {"as": "kstack", "stacks": "stacks"})");
  FakeNames names;
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += stack_bytes({0x1010});
  names.add(NameKind::stack, bytes, 2u, 5u);
  CHECK(json(plan, "id", stack({0, 0, 0, 0}, 5), names).size() == 1024);
}

TEST_CASE("Fields that cannot be shown as a stack are refused") {
  CHECK(addresses(R"("id": {"as": "kstack"})").mistakes ==
        "\"kstack\" of a number needs \"stacks\": the map of its stack id\n");
  CHECK(addresses(R"("id": {"as": "ustack", "stacks": "counts"})").mistakes ==
        "sample.bpf.o has no map \"counts\" of type stack_trace\n");
  CHECK(addresses(R"("id": {"as": "ustack", "stacks": "nothing"})").mistakes ==
        "sample.bpf.o has no map \"nothing\" of type stack_trace\n");
  CHECK(addresses(R"("id": {"as": "hex", "stacks": "stacks"})").mistakes ==
        "\"stacks\" applies only to renderers of addresses\n");
  CHECK(addresses(R"("stack": {"as": "kstack", "stacks": "stacks"})").mistakes ==
        "the field \"stack\" contains addresses, not a stack id\n");
  CHECK(build_ids("ksym").mistakes.find("\"ksym\" takes an address of 8 bytes") == 0);
}

TEST_CASE("Entries with a build ID are looked up by it, or printed with it") {
  std::array<std::byte, 20> id{};
  id[0] = std::byte{0xab};
  id[19] = std::byte{0x01};
  const auto entry = [&](RecordBytes& bytes, std::int32_t status, std::uint64_t offset) {
    bytes.i32(status);
    for (const std::byte byte : id) bytes.add(byte);
    bytes.u64(offset);
  };
  RecordBytes bytes;
  bytes.u32(7).u32(0);
  entry(bytes, 1, 0x1010), entry(bytes, 1, 0x2010), entry(bytes, 2, 0x5000);
  FakeNames names;
  names.add(NameKind::build_id_symbol, "in\t0\ta\tinlined\nmain\t16\ta\t\n", id, std::uint64_t{0x1010});
  names.add(NameKind::user_symbol, "plain\t15\tb\t\n", 7u, std::uint64_t{0x4fff});
  CHECK(json(build_ids(), "stack", bytes, names) ==
        nlohmann::json({"in (inlined)", "main+0x10 [a]", "ab00000000000000000000000000000000000001+0x2010",
                        "plain+0x10 [b]"}));
  RecordBytes short_stack;
  short_stack.u32(7).u32(0);
  entry(short_stack, 1, 0x1010), entry(short_stack, 0, 0x1010), entry(short_stack, 1, 0x1010);
  CHECK(json(build_ids(), "stack", short_stack, names) == nlohmann::json({"in (inlined)", "main+0x10 [a]"}));
}

TEST_CASE("An array of stack ids is a list of stacks") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  btf.structure("event", 12, {{"pid", u32, 0}, {"ids", btf.array(u32, 2), 32}});
  const auto made = [&](const std::string& as) {
    return test::plan_of(test::object_of(btf, {test::map_info("events", BPF_MAP_TYPE_RINGBUF),
                                               test::map_info("stacks", BPF_MAP_TYPE_STACK_TRACE, 4, 1016)}),
                         R"({"name": "events", "type": "struct event", "fields": {"ids": {"as": ")" + as +
                             R"(", "stacks": "stacks"}}})");
  };
  FakeNames names = kernel();
  names.add(NameKind::stack, stack_bytes({0x1010}), 1u, 5u);
  RecordBytes bytes;
  bytes.u32(7).u32(5).u32(6);
  CHECK(json(made("kstack"), "ids", bytes, names) ==
        nlohmann::json::array({{"f1+0x10"}, {"stack 6 is not known"}}));
  // An element contains only its number.
  CHECK(made("ustack").mistakes == "\"ustack\" needs the process that the addresses belong to\n");
}
