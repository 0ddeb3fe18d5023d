#include "spec/map_spec.h"
#include "support/catch.h"
#include "unit/sample_object.h"
#include "view/numbers.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

// The plan of a per-CPU hash with a 4-byte key and the value that `make` adds to the BTF.
template <class Make>
test::Compiled per_cpu(std::uint32_t value_size, Make make, const test::Renderers& renderers = {}) {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto value = make(btf);
  MapSpec map;
  map.name = test::located(std::string("m"));
  for (const auto& [field, as] : renderers)
    map.fields.emplace_back(test::located(field), FieldSpec{test::located(as)});
  return test::compile_map(
      test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_PERCPU_HASH, 4, value_size, u32, value)}), map,
      3);
}

std::string summed(const test::Compiled& plan, std::uint32_t value_size, const RecordBytes& entry) {
  PerCpuSum sum(*plan, 4, value_size, 3);
  return test::plain(plan.field("value"), sum.add(entry.view()));
}

RecordBytes key() {
  RecordBytes bytes;
  return bytes.u32(5).u32(0);
}

}  // namespace

TEST_CASE("The values of all CPUs are added") {
  const auto plan = per_cpu(8, [](BtfBuilder& btf) { return btf.integer("unsigned long long", 8); });
  CHECK(summed(plan, 8, key().u64(1).u64(20).u64(300)) == "321");
}

TEST_CASE("The key of a summed entry is unchanged") {
  const auto plan = per_cpu(8, [](BtfBuilder& btf) { return btf.integer("unsigned long long", 8); });
  PerCpuSum sum(*plan, 4, 8, 3);
  CHECK(test::plain(plan.field("key"), sum.add(key().u64(1).u64(2).u64(3).view())) == "5");
}

TEST_CASE("Each value of a CPU is padded to 8 bytes") {
  const auto plan = per_cpu(4, [](BtfBuilder& btf) { return btf.integer("int", 4, BTF_INT_SIGNED); });
  CHECK(summed(plan, 4, key().i32(-5).u32(0xdead).i32(2).u32(0xdead).i32(1).u32(0xdead)) == "-2");
}

TEST_CASE("The numbers of a struct are added one by one") {
  const auto plan = per_cpu(16, [](BtfBuilder& btf) {
    const auto u64 = btf.integer("unsigned long long", 8);
    const auto u16 = btf.integer("unsigned short", 2);
    const auto inner =
        btf.structure("inner", 8, {{"load", btf.floating("float", 4), 0}, {"a", u16, 32}, {"b", u16, 48}});
    return btf.structure("stats", 16, {{"packets", u64, 0}, {"inner", inner, 64}});
  });
  RecordBytes entry = key();
  for (int cpu = 0; cpu < 3; ++cpu) entry.u64(10).add(0.5f).u16(1).u16(0xffff);
  CHECK(summed(plan, 16, entry) == "{packets=30, inner={load=1.5, a=3, b=65533}}");
}

TEST_CASE("The numbers of an array are added one by one") {
  const auto plan = per_cpu(8, [](BtfBuilder& btf) { return btf.array(btf.integer("unsigned int", 4), 2); });
  CHECK(summed(plan, 8, key().u32(1).u32(2).u32(10).u32(20).u32(100).u32(200)) == "[111, 222]");
}

TEST_CASE("The numbers of an array of structs are added") {
  const auto plan = per_cpu(16, [](BtfBuilder& btf) {
    const auto u32 = btf.integer("unsigned int", 4);
    return btf.array(btf.structure("stats", 8, {{"packets", u32, 0}, {"drops", u32, 32}}), 2);
  });
  RecordBytes entry = key();
  for (int cpu = 0; cpu < 3; ++cpu) entry.u32(1).u32(2).u32(3).u32(4);
  CHECK(summed(plan, 16, entry) == "[{packets=3, drops=6}, {packets=9, drops=12}]");
}

TEST_CASE("The numbers of an array of arrays are added") {
  const auto plan =
      per_cpu(16, [](BtfBuilder& btf) { return btf.array(btf.array(btf.integer("unsigned int", 4), 2), 2); });
  RecordBytes entry = key();
  for (int cpu = 0; cpu < 3; ++cpu) entry.u32(1).u32(2).u32(3).u32(4);
  CHECK(summed(plan, 16, entry) == "[[3, 6], [9, 12]]");
}

TEST_CASE("The floats of an array are added") {
  const auto plan = per_cpu(16, [](BtfBuilder& btf) { return btf.array(btf.floating("double", 8), 2); });
  RecordBytes entry = key();
  for (int cpu = 0; cpu < 3; ++cpu) entry.add(0.5).add(1.0);
  CHECK(summed(plan, 16, entry) == "[1.5, 3]");
}

TEST_CASE("Numeric bitfields are added, and their neighbours are unchanged") {
  const auto plan = per_cpu(4, [](BtfBuilder& btf) {
    const auto u32 = btf.integer("unsigned int", 4);
    return btf.structure("bits", 4, {{"a", u32, 0, 8}, {"b", u32, 8, 24}});
  });
  RecordBytes entry = key();
  for (int cpu = 0; cpu < 3; ++cpu) entry.u32(100 | 7 << 8).u32(0);
  CHECK(summed(plan, 4, entry) == "{a=44, b=21}");
}

TEST_CASE("Sizes and durations are added") {
  const auto stats = [](BtfBuilder& btf) { return btf.integer("unsigned long long", 8); };
  CHECK(summed(per_cpu(8, stats, {{"value", "size"}}), 8, key().u64(512).u64(512).u64(512)) == "1.5KiB");
  CHECK(summed(per_cpu(8, stats, {{"value", "duration"}}), 8, key().u64(500).u64(500).u64(500)) == "1.500us");
}

TEST_CASE("The sizes of an array are added") {
  const auto plan =
      per_cpu(16, [](BtfBuilder& btf) { return btf.array(btf.integer("unsigned long long", 8), 2); },
              {{"value", "size"}});
  RecordBytes entry = key();
  for (int cpu = 0; cpu < 3; ++cpu) entry.u64(512).u64(1);
  CHECK(summed(plan, 16, entry) == "[1.5KiB, 3B]");
}

TEST_CASE("An array whose condition is not met is not added over the existing arm") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto arms = btf.union_of("arms", 8, {{"pair", btf.array(u32, 2), 0}, {"count", u64, 0}});
  const auto value = btf.structure("stats", 16, {{"kind", u64, 0}, {"arms", arms, 64}});
  MapSpec map;
  map.name = test::located(std::string("m"));
  for (const auto& [field, kind] : {std::pair{"arms.count", 1u}, {"arms.pair", 2u}}) {
    FieldSpec spec;
    OneOrMany<Located<Constant>> values;
    values.items.push_back(test::located(Constant(std::uint64_t{kind})));
    spec.when.emplace_back(test::located(std::string("kind")), values);
    map.fields.emplace_back(test::located(std::string(field)), spec);
  }
  const auto plan = test::compile_map(
      test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_PERCPU_HASH, 4, 16, u32, value)}), map, 3);
  REQUIRE(plan.mistakes == "");
  RecordBytes entry = key();
  for (int cpu = 0; cpu < 3; ++cpu) entry.u64(1).u64(0xffff'ffff);
  CHECK(summed(plan, 16, entry) == "{kind=1, arms={count=12884901885}}");
}

TEST_CASE("Values that cannot be added are those of the first CPU") {
  const auto plan = per_cpu(24, [](BtfBuilder& btf) {
    const auto text = btf.array(btf.integer("char", 1), 8);
    const auto state = btf.enumeration("state", 4, {{"IDLE", 0}, {"BUSY", 1}});
    const auto flag = btf.integer("_Bool", 1, BTF_INT_BOOL);
    return btf.structure(
        "stats", 24,
        {{"comm", text, 0}, {"at", btf.pointer(0), 64}, {"state", state, 128}, {"ok", flag, 160}});
  });
  RecordBytes entry = key();
  for (const char* comm : {"first", "second", "third"}) entry.text(comm, 8).u64(0x1000).u32(1).u8(1).zeros(3);
  CHECK(summed(plan, 24, entry) == "{comm=first, at=0x1000, state=BUSY, ok=true}");
}

TEST_CASE("A truncated entry has the first CPU's value, and nothing past its end is read") {
  const auto plan = per_cpu(8, [](BtfBuilder& btf) { return btf.integer("unsigned long long", 8); });
  const RecordBytes entry = key().u64(1).u64(20).u64(300);
  for (std::size_t size = 0; size < entry.size(); ++size) {
    const std::vector<std::byte> exact(entry.view().begin(),
                                       entry.view().begin() + static_cast<std::ptrdiff_t>(size));
    PerCpuSum sum(*plan, 4, 8, 3);
    CAPTURE(size);
    CHECK(test::plain(plan.field("value"), sum.add(exact)) == (size < 16 ? (size > 8 ? "1" : "0") : "1"));
  }
}

TEST_CASE("A member outside of its struct is not added") {
  // The BTF of a recording may say anything; the second member is past the value.
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto value = btf.structure("stats", 8, {{"inside", u64, 0}, {"outside", u64, 64}});
  MapSpec map;
  map.name = test::located(std::string("m"));
  std::string mistake;
  try {
    const test::Compiled plan = test::compile_map(
        test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_PERCPU_HASH, 8, 8, u64, value)}), map, 2);
    PerCpuSum sum(*plan, 8, 8, 2);
    RecordBytes entry;
    entry.u64(0).u64(1).u64(2);
    const Bytes row = sum.add(entry.view());
    CHECK(row.size() == 16);
    CHECK(test::plain(plan.field("value.inside"), row) == "3");
    // No guard byte can be placed after PerCpuSum's memory: a sanitizer checks that nothing is written there.
  } catch (const Error& error) {
    mistake = error.what();
  }
  CHECK((mistake.empty() || mistake.find("malformed BTF") == 0));
}
