// Sums over all CPUs of values with unions and conditions.
#include "support/catch.h"
#include "unit/spec_plan.h"
#include "view/numbers.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

constexpr std::uint32_t cpus = 3;

template <class Make>
test::SpecPlan per_cpu(std::uint32_t value_size, Make make, const std::string& fields = "") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto value = make(btf);
  return test::plan_of(
      test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_PERCPU_HASH, 4, value_size, u32, value)}),
      R"({"name": "m", "fields": {)" + fields + "}}", cpus);
}

std::string summed(const test::SpecPlan& plan, std::uint32_t value_size, const RecordBytes& entry) {
  if (!plan.mistakes.empty()) return plan.mistakes;
  PerCpuSum sum(*plan, 4, value_size, cpus);
  return test::plain(plan.field("value"), sum.add(entry.view()));
}

// The same on each CPU, except for the first 32-bit number: 0, 1, 2.
RecordBytes entry(std::uint32_t kind, const RecordBytes& value) {
  RecordBytes bytes;
  bytes.u32(5).u32(0);
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    bytes.u32(kind).u32(0);
    for (const std::byte byte : value.view()) bytes.add(byte);
  }
  return bytes;
}

// struct { u32 kind; union { u64 whole; u32 halves[2]; struct { u16 a, b, c, d; } quarters; }; }
BtfBuilder::Id either(BtfBuilder& btf) {
  const auto u16 = btf.integer("unsigned short", 2);
  const auto u32 = btf.integer("u32", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto quarters =
      btf.structure("quarters", 8, {{"a", u16, 0}, {"b", u16, 16}, {"c", u16, 32}, {"d", u16, 48}});
  const auto arms =
      btf.union_of("", 8, {{"whole", u64, 0}, {"halves", btf.array(u32, 2), 0}, {"quarters", quarters, 0}});
  return btf.structure("stats", 16, {{"kind", u32, 0}, {"", arms, 64}});
}

RecordBytes full() {
  RecordBytes bytes;
  return bytes.u32(0x8000'0001).u32(2);
}

const std::string all_conditions =
    R"("whole": {"when": {"kind": 1}}, "halves": {"when": {"kind": 2}}, "quarters": {"when": {"kind": 3}})";

}  // namespace

TEST_CASE("Without conditions the first arm of a union is added, once") {
  // 3 * 0x280000001: the other arms show the bits of that.
  CHECK(summed(per_cpu(16, either), 16, entry(0, full())) ==
        "{kind=0, whole=32212254723, halves=[2147483651, 7], quarters={a=3, b=32768, c=7, d=0}}");
}

TEST_CASE("With conditions only the arm whose condition is met is added") {
  const auto plan = per_cpu(16, either, all_conditions);
  CHECK(summed(plan, 16, entry(1, full())) == "{kind=1, whole=32212254723}");
  CHECK(summed(plan, 16, entry(2, full())) == "{kind=2, halves=[2147483651, 6]}");
  CHECK(summed(plan, 16, entry(3, full())) == "{kind=3, quarters={a=3, b=32768, c=6, d=0}}");
}

TEST_CASE("In an entry with none of the arms, nothing is added") {
  const auto plan = per_cpu(16, either, all_conditions);
  CHECK(summed(plan, 16, entry(4, full())) == "{kind=4}");
}

TEST_CASE("The field that selects an arm is not added: the first CPU's value is shown") {
  const auto plan = per_cpu(16, either, all_conditions);
  RecordBytes bytes;
  bytes.u32(5).u32(0).u32(1).u32(0).u64(10).u32(2).u32(0).u64(20).u32(3).u32(0).u64(30);
  CHECK(summed(plan, 16, bytes) == "{kind=1, whole=60}");
}

TEST_CASE("An arm without a condition is added only if no condition of another arm is met") {
  const auto plan = per_cpu(16, either, R"("halves": {"when": {"kind": 2}})");
  PerCpuSum sum(*plan, 4, 16, cpus);
  const RecordBytes two = entry(2, full());
  CHECK(test::plain(plan.field("halves"), sum.add(two.view())) == "[2147483651, 6]");
  const RecordBytes other = entry(1, full());
  CHECK(test::plain(plan.field("whole"), sum.add(other.view())) == "32212254723");
  CHECK(test::plain(plan.field("halves"), sum.add(two.view())) == "[2147483651, 6]");
}

TEST_CASE("Two arms whose conditions are both met are added once") {
  const auto plan =
      per_cpu(16, either, R"("whole": {"when": {"kind": [1, 2]}}, "halves": {"when": {"kind": 2}})");
  PerCpuSum sum(*plan, 4, 16, cpus);
  CHECK(test::plain(plan.field("whole"), sum.add(entry(2, full()).view())) == "32212254723");
}

TEST_CASE("A condition in an array of structs applies to each element") {
  const auto plan = per_cpu(
      32,
      [](BtfBuilder& btf) {
        const auto u32 = btf.integer("u32", 4);
        const auto u64 = btf.integer("unsigned long long", 8);
        const auto arms = btf.union_of("", 8, {{"whole", u64, 0}, {"halves", btf.array(u32, 2), 0}});
        const auto item = btf.structure("item", 16, {{"kind", u32, 0}, {"", arms, 64}});
        return btf.array(item, 2);
      },
      R"("value[].whole": {"when": {"kind": 1}}, "value[].halves": {"when": {"kind": 2}})");
  RecordBytes bytes;
  bytes.u32(5).u32(0);
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    bytes.u32(1).u32(0).u32(0x8000'0000).u32(1).u32(2).u32(0).u32(0x8000'0000).u32(1);
  }
  CHECK(summed(plan, 32, bytes) == "[{kind=1, whole=19327352832}, {kind=2, halves=[2147483648, 3]}]");
}

TEST_CASE("Numbers of 128 bits are added, also in bitfields and as \"dec\"") {
  const auto plan = per_cpu(
      32,
      [](BtfBuilder& btf) {
        const auto wide = btf.integer("__int128", 16, BTF_INT_SIGNED);
        return btf.structure("stats", 32, {{"a", wide, 0}, {"low", wide, 128, 28}, {"high", wide, 156, 100}});
      },
      R"("a": {"as": "dec"})");
  RecordBytes bytes;
  bytes.u32(5).u32(0);
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    bytes.u64(~0ull).u64(0).u64(1 | std::uint64_t{7} << 28).u64(1);
  }
  // high: 2^36 + 7
  CHECK(summed(plan, 32, bytes) == "{a=55340232221128654845, low=3, high=206158430229}");
}

TEST_CASE("A number of 128 bits in hexadecimal is the first CPU's") {
  const auto plan = per_cpu(
      16, [](BtfBuilder& btf) { return btf.integer("unsigned __int128", 16); }, R"("value": {"as": "hex"})");
  RecordBytes bytes;
  bytes.u32(5).u32(0);
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) bytes.u64(1).u64(0);
  CHECK(summed(plan, 16, bytes) == "0x1");
}
