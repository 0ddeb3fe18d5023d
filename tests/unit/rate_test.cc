#include "spec/map_spec.h"
#include "support/catch.h"
#include "unit/polled_map.h"
#include "view/group_table.h"
#include "view/row_value.h"

using namespace probe_run;
using test::BtfBuilder;
using test::hash_of;
using test::keyed;
using test::PolledMap;
using test::RecordBytes;

namespace {

constexpr std::int64_t second = 1'000'000'000;

}  // namespace

TEST_CASE("A rate is the increase per second between reads; the first read has none") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::rate);
  CHECK(map.read({keyed(1).u64(10), keyed(2).u64(5)}, false, 7 * second) == "");
  CHECK(map.read({keyed(1).u64(15), keyed(2).u64(5), keyed(3).u64(4)}, false, 9 * second) == "1: 2.5; 3: 2");
  CHECK(map.read({keyed(1).u64(16), keyed(2).u64(6), keyed(3).u64(4)}, false, 9 * second + second / 2) ==
        "1: 2; 2: 2");
}

TEST_CASE("A number that is lower than before was reset, also for its rate") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::rate);
  map.read({keyed(1).u64(100)}, false, 1 * second);
  CHECK(map.read({keyed(1).u64(8)}, false, 3 * second) == "1: 4");
}

TEST_CASE("The rate of a key that an incomplete read missed is of the time since it was read") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::rate);
  map.read({keyed(1).u64(10)}, false, 1 * second);
  map.read({}, true, 3 * second);
  CHECK(map.read({keyed(1).u64(18), keyed(2).u64(4)}, false, 5 * second) == "1: 2; 2: 1");
}

TEST_CASE("An entry that first appears after an incomplete first read has no rate yet") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::rate);
  map.read({keyed(1).u64(10)}, true, 1 * second);
  CHECK(map.read({keyed(1).u64(12), keyed(2).u64(1000)}, false, 2 * second) == "1: 2");
  CHECK(map.read({keyed(1).u64(12), keyed(2).u64(1003)}, false, 3 * second) == "2: 3");
}

TEST_CASE("An increase in zero time belongs to the next read") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::rate);
  map.read({keyed(1).u64(10)}, false, 1 * second);
  CHECK(map.read({keyed(1).u64(12), keyed(2).u64(2)}, false, 1 * second) == "");
  CHECK(map.read({keyed(1).u64(14), keyed(2).u64(6)}, false, 3 * second) == "1: 2; 2: 3");
}

TEST_CASE("A clock that goes backwards, or has extreme values, gives no rate") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::rate);
  map.read({keyed(1).u64(10)}, false, INT64_MAX);
  CHECK(map.read({keyed(1).u64(12)}, false, INT64_MIN) == "");
  PolledMap other(plan, ReadMode::rate);
  other.read({keyed(1).u64(10)}, false, INT64_MIN);
  CHECK(other.read({keyed(1).u64(10)}, false, INT64_MAX) == "");
}

TEST_CASE("Numbers of structs and of arrays have rates; those of an array's structs stay as they are") {
  const auto plan = hash_of(48, [](BtfBuilder& btf) {
    const auto u32 = btf.integer("unsigned int", 4);
    const auto i32 = btf.integer("int", 4, BTF_INT_SIGNED);
    const auto inner = btf.structure("inner", 8, {{"level", i32, 0}, {"load", btf.floating("float", 4), 32}});
    const auto text = btf.array(btf.integer("char", 1), 8);
    return btf.structure("stats", 48,
                         {{"low", u32, 0, 4},
                          {"high", u32, 4, 28},
                          {"counts", btf.array(u32, 3), 32},
                          {"inner", inner, 128},
                          {"comm", text, 192},
                          {"table", btf.array(btf.array(u32, 1), 2), 256},
                          {"inners", btf.array(inner, 1), 320}});
  });
  const auto entry = [](std::uint32_t n, float load) {
    return keyed(1)
        .u32((n & 15) | n << 4)
        .u32(n)
        .u32(2 * n)
        .u32(3 * n)
        .i32(-static_cast<int>(n))
        .add(load)
        .text("bash", 8)
        .u32(n)
        .u32(n)
        .u32(n)
        .add(load);
  };
  PolledMap map(plan, ReadMode::rate);
  map.read({entry(2, 1.0f)}, false, 0);
  CHECK(map.read({entry(7, 2.0f)}, false, 2 * second) ==
        "1: {low=2.5, high=2.5, counts=[2.5, 5, 7.5], inner={level=-2.5, load=0.5}, comm=bash, "
        "table=[[2.5], [2.5]], inners=[{level=7, load=2}]}");
}

TEST_CASE("A rate is found by its own path and can be sorted by and grouped by") {
  const auto plan = hash_of(16, [](BtfBuilder& btf) {
    const auto u64 = btf.integer("unsigned long long", 8);
    return btf.structure("stats", 16, {{"packets", u64, 0}, {"bytes", u64, 64}});
  });
  Delta delta(*plan, ReadMode::rate, 4, 10);
  const Field* const bytes = delta.plan().find("bytes");
  REQUIRE(bytes != nullptr);
  CHECK(bytes->shape == Shape::floating);
  CHECK(KeptField::can_keep(*bytes));
  // Its members follow the entry.
  CHECK_FALSE(KeptField::can_keep(*delta.plan().find("value")));
  delta.begin_read(0);
  CHECK_FALSE(delta.entry(keyed(1).u64(0).u64(0).view()));
  CHECK_FALSE(delta.entry(keyed(2).u64(0).u64(0).view()));
  delta.end_read(false);
  delta.begin_read(second);
  const Bytes first = *delta.entry(keyed(1).u64(1).u64(9).view());
  const std::vector<std::byte> lower(first.begin(), first.end());
  const Bytes higher = *delta.entry(keyed(2).u64(1).u64(10).view());
  CHECK(compare_by(*bytes, lower, higher) == std::strong_ordering::less);
}

TEST_CASE("A flexible array at the end of an entry does not include the rates") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  MapSpec spec;
  spec.name = test::located(std::string("m"));
  for (const auto& [name, type] : {std::pair{"count", "u64"}, {"rest", "u32[]"}}) {
    spec.layout.push_back({test::located(std::string(name)), test::located(std::string(type)), {}});
  }
  const auto plan =
      test::compile_map(test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_HASH, 4, 16, u32, 0)}), spec);
  REQUIRE(plan.mistakes == "");
  PolledMap map(plan, ReadMode::rate);
  map.read({keyed(1).u64(1).u32(1).u32(2)}, false, 0);
  CHECK(map.read({keyed(1).u64(2).u32(1).u32(2)}, false, second) == "1: {count=1, rest=[1, 2]}");
}
