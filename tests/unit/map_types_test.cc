// The table of map types, and the plans of their entries.
#include "object/map_rules.h"
#include "object/map_values.h"
#include "spec/map_spec.h"
#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

MapSpec spec_of(const std::string& name) {
  MapSpec map;
  map.name = test::located(name);
  return map;
}

Value number(std::uint64_t value) {
  return {value, {}};
}

std::string complaints(const MapSpec& spec, const MapInfo& info) {
  Diagnostics diagnostics = test::no_diagnostics();
  const bool good = check_map_rules(spec, info, TypeTable(), diagnostics);
  CHECK(good == diagnostics.all().empty());
  return test::whats(diagnostics);
}

test::Compiled plan_of(const BtfBuilder& btf, MapInfo info) {
  MapSpec map = spec_of(info.name);
  if (info.map_class() == MapClass::bloom_filter) {
    map.only_keys = test::located(std::vector<Value>{number(1)});
  }
  return test::compile_map(test::object_of(btf, {std::move(info)}), map);
}

}  // namespace

// That a row of the table is complete is checked at compile time.
TEST_CASE("Every map type has a name, and a newer one is refused") {
  for (std::uint32_t type = 1; type <= 34; ++type) {
    CAPTURE(type);
    CHECK(map_type(type).type == type);
    CHECK(map_type_name(type) == map_type(type).name);
  }
  CHECK(map_type_name(35) == "type 35");
  CHECK(test::map_info("m", 35).map_class() == MapClass::unsupported);
  CHECK(complaints(spec_of("m"), test::map_info("m", 35)) ==
        "a map of type type 35 cannot be read: this probe-run does not know it\n");
}

TEST_CASE("Each way to read is limited to the map types that support it") {
  const auto read = [](ReadMode mode, std::uint32_t type) {
    MapSpec spec = spec_of("m");
    spec.read = test::located(mode);
    return complaints(spec, test::map_info("m", type, 4, 8)).empty();
  };
  for (const std::uint32_t type : {BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH, BPF_MAP_TYPE_LPM_TRIE,
                                   BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_PERCPU_ARRAY}) {
    CAPTURE(type);
    CHECK(read(ReadMode::snapshot, type));
    CHECK(read(ReadMode::delta, type));
    CHECK(read(ReadMode::drain, type));
  }
  for (const std::uint32_t type : {BPF_MAP_TYPE_TASK_STORAGE, BPF_MAP_TYPE_CGROUP_STORAGE}) {
    CAPTURE(type);
    CHECK(read(ReadMode::delta, type));
    CHECK_FALSE(read(ReadMode::drain, type));
  }
  for (const std::uint32_t type :
       {BPF_MAP_TYPE_STACK_TRACE, BPF_MAP_TYPE_HASH_OF_MAPS, BPF_MAP_TYPE_SOCKMAP}) {
    CAPTURE(type);
    CHECK(read(ReadMode::snapshot, type));
    CHECK_FALSE(read(ReadMode::delta, type));
    CHECK_FALSE(read(ReadMode::drain, type));
  }
  for (const std::uint32_t type : {BPF_MAP_TYPE_QUEUE, BPF_MAP_TYPE_STACK}) {
    CAPTURE(type);
    CHECK_FALSE(read(ReadMode::snapshot, type));
    CHECK_FALSE(read(ReadMode::delta, type));
    CHECK(read(ReadMode::drain, type));
  }
  CHECK_FALSE(read(ReadMode::snapshot, BPF_MAP_TYPE_RINGBUF));
}

TEST_CASE("A section is one record of its variables") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto i64 = btf.integer("long long", 8, BTF_INT_SIGNED);
  const auto calls = btf.variable("calls", u32);
  const auto balance = btf.variable("balance", i64);
  const auto format = btf.variable("run.____fmt", u32);
  const auto outside = btf.variable("outside", i64);
  const auto section =
      btf.section(".bss", 16, {{calls, 0, 4}, {format, 4, 4}, {balance, 8, 8}, {outside, 9, 8}});
  const test::Compiled plan = plan_of(btf, test::map_info(".bss", BPF_MAP_TYPE_ARRAY, 0, 16, 0, section));
  REQUIRE(plan.mistakes == "");
  CHECK(plan->size == 16);
  REQUIRE(plan->root.fields.size() == 2);
  RecordBytes record;
  record.u32(7).u32(0).u64(static_cast<std::uint64_t>(-3));
  CHECK(test::plain(plan.field("calls"), record.view()) == "7");
  CHECK(test::plain(plan.field("balance"), record.view()) == "-3");
}

TEST_CASE("A section without BTF is bytes") {
  const test::Compiled plan = plan_of({}, test::map_info(".rodata.str1.1", BPF_MAP_TYPE_ARRAY, 0, 3));
  REQUIRE(plan.mistakes == "");
  RecordBytes record;
  record.text("abc", 3);
  REQUIRE(plan->root.fields.size() == 1);
  CHECK(test::plain(plan.field("value"), record.view()) == "616263");
}

TEST_CASE("A queue's entry has a value and no key") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  MapSpec map = spec_of("q");
  map.read = test::located(ReadMode::drain);
  const test::Compiled plan =
      test::compile_map(test::object_of(btf, {test::map_info("q", BPF_MAP_TYPE_QUEUE, 0, 4, 0, u32)}), map);
  REQUIRE(plan.mistakes == "");
  REQUIRE(plan->root.fields.size() == 1);
  CHECK(test::plain(plan.field("value"), RecordBytes().u32(9).view()) == "9");
}

TEST_CASE("An entry of a Bloom filter is the queried value and the answer") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const test::Compiled plan = plan_of(btf, test::map_info("b", BPF_MAP_TYPE_BLOOM_FILTER, 0, 4, 0, u32));
  REQUIRE(plan.mistakes == "");
  RecordBytes record;
  record.u32(9).u32(0).u8(1);
  CHECK(test::plain(plan.field("key"), record.view()) == "9");
  CHECK(test::plain(plan.field("value"), record.view()) == "true");
}

TEST_CASE("Cgroup storage has 64-bit ids as keys") {
  constexpr std::uint32_t cgrp_storage = 32;  // newer than the kernel headers of some distributions
  BtfBuilder btf;
  const auto i32 = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto u64 = btf.integer("unsigned long long", 8);
  const test::Compiled plan = plan_of(btf, test::map_info("c", cgrp_storage, 4, 8, i32, u64));
  REQUIRE(plan.mistakes == "");
  RecordBytes record;
  record.u64(std::uint64_t{1} << 40).u64(5);
  CHECK(test::plain(plan.field("key"), record.view()) == "1099511627776");
  CHECK(test::plain(plan.field("value"), record.view()) == "5");
}

TEST_CASE("A stack has as many addresses as its entry") {
  const test::Compiled plan = plan_of({}, test::map_info("s", BPF_MAP_TYPE_STACK_TRACE, 4, 1016));
  REQUIRE(plan.mistakes == "");
  RecordBytes record;
  record.u32(3).u32(0).u64(0xffffffff81000000).u64(0x10);
  CHECK(test::plain(plan.field("key"), record.view()) == "3");
  CHECK(test::plain(plan.field("value"), record.view()) == "[0xffffffff81000000, 0x10]");
  CHECK(test::plain(plan.field("value"), record.view().first(8)) == "[]");
}

TEST_CASE("Keys are encoded by the type of the map's key") {
  BtfBuilder btf;
  const auto u8 = btf.integer("unsigned char", 1);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto prefix = btf.structure("prefix", 8, {{"length", u32, 0}, {"address", btf.array(u8, 4), 32}});
  const auto object = test::object_of(btf, {test::map_info("routes", BPF_MAP_TYPE_LPM_TRIE, 8, 8, prefix)});
  MapSpec map = spec_of("routes");
  const Value address{Value::Array{number(10), number(1)}, {}};
  map.only_keys =
      test::located(std::vector<Value>{{Value::Object{{test::located(std::string("length")), number(16)},
                                                      {test::located(std::string("address")), address}},
                                        {}}});
  Diagnostics diagnostics = test::no_diagnostics();
  const std::vector<std::byte> keys = encode_keys(map, object->maps[0], *object, diagnostics);
  CHECK(test::whats(diagnostics) == "");
  RecordBytes expected;
  expected.u32(16).u8(10).u8(1).u8(0).u8(0);
  CHECK((keys == std::vector<std::byte>(expected.view().begin(), expected.view().end())));
}

TEST_CASE("Keys without a type are numbers if a number has their size") {
  const auto encoded = [](std::uint32_t size, std::uint64_t value) {
    const auto object = test::object_of({}, {test::map_info("m", BPF_MAP_TYPE_HASH, size, 8)});
    MapSpec map = spec_of("m");
    map.only_keys = test::located(std::vector<Value>{number(value)});
    Diagnostics diagnostics = test::no_diagnostics();
    const std::size_t bytes = encode_keys(map, object->maps[0], *object, diagnostics).size();
    return std::to_string(bytes) + " " + test::whats(diagnostics);
  };
  CHECK(encoded(2, 65535) == "2 ");
  CHECK(encoded(8, ~std::uint64_t{0}) == "8 ");
  CHECK(encoded(2, 65536) ==
        "2 a key of the map \"m\": 65536 does not fit a number of 2 bytes (at most 65535)\n");
  CHECK(encoded(6, 1) == "0 the object does not say what the 6 bytes of a key of \"m\" mean\n");
}
