#include "view/delta.h"

#include <map>
#include <random>

#include "spec/map_spec.h"
#include "support/catch.h"
#include "unit/polled_map.h"

using namespace probe_run;
using test::BtfBuilder;
using test::hash_of;
using test::keyed;
using test::PolledMap;
using test::RecordBytes;

namespace {

FieldSpec shown_as(const std::string& renderer) {
  return {test::located(renderer), {}, {}, {}, {}};
}

FieldSpec when(const std::string& field, std::uint64_t value) {
  FieldSpec spec;
  OneOrMany<Located<Constant>> values;
  values.items.push_back(test::located(Constant(value)));
  spec.when.emplace_back(test::located(field), values);
  return spec;
}

}  // namespace

TEST_CASE("A delta is the increase since the last read, from 0 for a new key") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::delta);
  CHECK(map.read({keyed(1).u64(10), keyed(2).u64(5)}) == "1: 10; 2: 5");
  CHECK(map.read({keyed(1).u64(12), keyed(2).u64(6), keyed(3).u64(1)}) == "1: 2; 2: 1; 3: 1");
}

TEST_CASE("An entry that did not change is not shown") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::delta);
  map.read({keyed(1).u64(10), keyed(2).u64(5)});
  CHECK(map.read({keyed(1).u64(10), keyed(2).u64(6)}) == "2: 1");
  CHECK(map.read({keyed(1).u64(10), keyed(2).u64(6)}) == "");
}

TEST_CASE("A new entry of zeros is not shown") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::delta);
  CHECK(map.read({keyed(1).u64(0)}) == "");
  CHECK(map.read({keyed(1).u64(3)}) == "1: 3");
}

TEST_CASE("A number that is lower than before was reset") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::delta);
  map.read({keyed(1).u64(~std::uint64_t{0})});
  CHECK(map.read({keyed(1).u64(7)}) == "1: 7");
}

TEST_CASE("A signed number may decrease") {
  const auto plan = hash_of(8, [](BtfBuilder& btf) {
    return btf.structure(
        "gauge", 8,
        {{"level", btf.integer("int", 4, BTF_INT_SIGNED), 0}, {"load", btf.floating("float", 4), 32}});
  });
  PolledMap map(plan, ReadMode::delta);
  CHECK(map.read({keyed(1).i32(-5).add(1.5f)}) == "1: {level=-5, load=1.5}");
  CHECK(map.read({keyed(1).i32(-8).add(0.25f)}) == "1: {level=-3, load=-1.25}");
  CHECK(map.read({keyed(1).i32(2).add(0.5f)}) == "1: {level=10, load=0.25}");
}

TEST_CASE("Numbers of every width are subtracted within their own bits") {
  const auto plan = hash_of(40, [](BtfBuilder& btf) {
    const auto u16 = btf.integer("unsigned short", 2);
    const auto u32 = btf.integer("unsigned int", 4);
    return btf.structure("stats", 40,
                         {{"low", u32, 0, 5},
                          {"high", u32, 5, 27},
                          {"pair", btf.array(u16, 2), 32},
                          {"wide", btf.integer("unsigned __int128", 16), 64},
                          {"byte", btf.integer("unsigned char", 1), 192},
                          {"real", btf.floating("double", 8), 256}});
  });
  const auto entry = [](std::uint32_t low, std::uint32_t high, std::uint16_t a, std::uint16_t b,
                        std::uint64_t wide, std::uint8_t byte, double real) {
    return keyed(1).u32(low | high << 5).u16(a).u16(b).u64(wide).u64(wide).u8(byte).zeros(7).add(real);
  };
  PolledMap map(plan, ReadMode::delta);
  map.read({entry(31, 1000, 10, 65535, 1, 200, 0.5)});
  CHECK(map.read({entry(2, 1001, 12, 1, 3, 255, 2.0)}) ==
        "1: {low=2, high=1, pair=[2, 1], wide=36893488147419103234, byte=55, real=1.5}");
}

TEST_CASE("A value that cannot be subtracted is shown as it is, and counts as a change") {
  const auto plan =
      hash_of(24,
              [](BtfBuilder& btf) {
                const auto u64 = btf.integer("unsigned long long", 8);
                return btf.structure("stats", 24, {{"bytes", u64, 0}, {"at", u64, 64}, {"id", u64, 128}});
              },
              {{test::located(std::string("bytes")), shown_as("size")},
               {test::located(std::string("at")), shown_as("hex")},
               {test::located(std::string("id")), shown_as("dec")}});
  PolledMap map(plan, ReadMode::delta);
  map.read({keyed(1).u64(1024).u64(16).u64(1)});
  CHECK(map.read({keyed(1).u64(3072).u64(16).u64(1)}) == "1: {bytes=2.0KiB, at=0x10, id=0}");
  CHECK(map.read({keyed(1).u64(3072).u64(17).u64(1)}) == "1: {bytes=0B, at=0x11, id=0}");
}

TEST_CASE("In a union without conditions, the first arm is subtracted") {
  const auto plan = hash_of(8, [](BtfBuilder& btf) {
    const auto u64 = btf.integer("unsigned long long", 8);
    return btf.union_of("either", 8,
                        {{"first", u64, 0}, {"second", btf.array(btf.integer("unsigned short", 2), 4), 0}});
  });
  PolledMap map(plan, ReadMode::delta);
  map.read({keyed(1).u64(0x0201)});
  CHECK(map.read({keyed(1).u64(0x0302)}) == "1: {first=257, second=[257, 0, 0, 0]}");
}

TEST_CASE("The arm whose condition is met is subtracted, and the field that selects it stays") {
  const auto plan = hash_of(
      16,
      [](BtfBuilder& btf) {
        const auto u64 = btf.integer("unsigned long long", 8);
        const auto u32 = btf.integer("unsigned int", 4);
        const auto arms = btf.union_of("arms", 8, {{"count", u64, 0}, {"pair", btf.array(u32, 2), 0}});
        return btf.structure("stats", 16, {{"kind", u64, 0}, {"arms", arms, 64}});
      },
      {{test::located(std::string("arms.count")), when("kind", 1)},
       {test::located(std::string("arms.pair")), when("kind", 2)}});
  REQUIRE(plan.mistakes == "");
  PolledMap map(plan, ReadMode::delta);
  const std::uint64_t carry = std::uint64_t{1} << 32;
  map.read({keyed(1).u64(1).u64(carry), keyed(2).u64(2).u32(5).u32(6)});
  CHECK(map.read({keyed(1).u64(1).u64(carry + 3), keyed(2).u64(2).u32(7).u32(10)}) ==
        "1: {kind=1, arms={count=3}}; 2: {kind=2, arms={pair=[2, 4]}}");
  INFO("a number in an arm that did not exist before counts from 0");
  CHECK(map.read({keyed(1).u64(2).u32(9).u32(8)}) == "1: {kind=2, arms={pair=[9, 8]}}");
}

TEST_CASE("A key that is missing in a complete read is forgotten") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::delta);
  map.read({keyed(1).u64(10), keyed(2).u64(10)});
  map.read({keyed(2).u64(10)});
  CHECK(map.read({keyed(1).u64(15), keyed(2).u64(15)}) == "1: 15; 2: 5");
}

TEST_CASE("A key that is missing in an incomplete read may come back") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::delta);
  map.read({keyed(1).u64(10), keyed(2).u64(10)});
  map.read({keyed(2).u64(11)}, true);
  CHECK(map.read({keyed(1).u64(15), keyed(2).u64(15)}) == "1: 5; 2: 4");
}

TEST_CASE("An entry that the read removed shows its difference, and its key counts from 0 again") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::drain);
  map.read({keyed(1).u64(10), keyed(2).u64(10)});
  CHECK(map.read({keyed(2).u64(11)}, false, 0, {keyed(1).u64(14)}) == "2: 1; 1: 4");
  CHECK(map.read({keyed(1).u64(15), keyed(2).u64(11)}) == "1: 15");
  INFO("also after a read that was not complete");
  CHECK(map.read({}, true, 0, {keyed(1).u64(15)}) == "");
  CHECK(map.read({keyed(1).u64(15)}) == "1: 15");
}

TEST_CASE("An entry without a key that the read removed is always shown in full") {
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  MapSpec map;
  map.name = test::located(std::string("m"));
  const auto plan =
      test::compile_map(test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_ARRAY, 0, 8, 0, u64)}), map);
  Delta delta(*plan, ReadMode::drain, 0, 10);
  delta.begin_read(0);
  RecordBytes zero;
  zero.u64(0);
  RecordBytes five;
  five.u64(5);
  for (const RecordBytes& entry : {five, five, zero}) {
    const std::optional<Bytes> row = delta.taken_entry(entry.view());
    REQUIRE(row);
    CHECK(std::equal(row->begin(), row->end(), entry.view().begin(), entry.view().end()));
  }
}

TEST_CASE("A record without a key has differences") {
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  MapSpec map;
  map.name = test::located(std::string("m"));
  const auto plan =
      test::compile_map(test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_ARRAY, 0, 8, 0, u64)}), map);
  Delta delta(*plan, ReadMode::delta, 0, 1);
  std::string seen;
  for (const std::uint64_t total : {5u, 5u, 12u}) {
    RecordBytes entry;
    delta.begin_read(0);
    const std::optional<Bytes> row = delta.entry(entry.u64(total).view());
    delta.end_read(false);
    seen += (row ? test::plain(plan.field("value"), *row) : "-") + " ";
  }
  CHECK(seen == "5 - 7 ");
}

TEST_CASE("A truncated entry is counted, and not shown") {
  const auto plan = test::hash_of_counters();
  const RecordBytes entry = keyed(1).u64(10);
  PolledMap map(plan, ReadMode::drain);
  map.read({entry});
  Delta delta(*plan, ReadMode::drain, 4, 10);
  for (std::size_t size = 0; size < entry.size(); ++size) {
    const std::vector<std::byte> exact(entry.view().begin(),
                                       entry.view().begin() + static_cast<std::ptrdiff_t>(size));
    CAPTURE(size);
    delta.begin_read(0);
    CHECK_FALSE(delta.entry(exact));
    CHECK_FALSE(delta.taken_entry(exact));
    delta.end_read(false);
  }
  CHECK(delta.undecodable() == 2 * entry.size());
}

TEST_CASE("Entries beyond the limit are counted, and not shown") {
  const auto plan = test::hash_of_counters();
  PolledMap map(plan, ReadMode::delta, 2);
  CHECK(map.read({keyed(1).u64(1), keyed(2).u64(1), keyed(3).u64(1)}) == "1: 1; 2: 1");
  CHECK(map.read({keyed(1).u64(2), keyed(3).u64(5)}) == "1: 1");
  CHECK(map.delta().beyond_limit() == 2);
  CHECK(map.read({keyed(1).u64(2), keyed(3).u64(6)}) == "3: 6");
}

TEST_CASE("The differences of a number add up to what was added, whatever the reads saw") {
  const auto plan = test::hash_of_counters();
  const Field& value = plan.field("value");
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random(seed);
    Delta delta(*plan, ReadMode::drain, 4, 100);
    // The contents of the map. `seen`: the value of the key that the last read saw, since the key was
    // created. `below`: a key that was created again is recognized by a lower number, so it must not grow
    // beyond what Delta knows.
    struct Life {
      std::uint64_t now = 0, seen = 0, below = ~std::uint64_t{0};
    };
    std::map<std::uint32_t, Life> map;
    std::uint64_t shown = 0, expected = 0;
    const auto count = [&](const std::optional<Bytes>& row) {
      if (row) shown += load(*row, value.slot);
    };
    const auto see = [&](Life& life) {
      expected += life.now - life.seen;
      life.seen = life.now;
      life.below = ~std::uint64_t{0};
    };
    for (int round = 0; round < 200; ++round) {
      for (int i = 0; i < 30; ++i) {
        const auto key = static_cast<std::uint32_t>(random() % 40);
        Life& life = map[key];
        if (random() % 20 == 0 && life.seen > 0) {
          life = {random() % life.seen, 0, std::min(life.seen, life.below)};
        } else {
          const std::uint64_t more = 1 + random() % 1000;
          if (life.now + more < life.below) life.now += more;
        }
      }
      const bool incomplete = random() % 3 == 0;
      delta.begin_read(round);
      std::vector<std::uint32_t> gone;
      for (auto& [key, life] : map) {
        if (incomplete && random() % 2 == 0) continue;
        const RecordBytes entry = keyed(key).u64(life.now);
        if (!incomplete && random() % 10 == 0) {
          gone.push_back(key);  // deleted by a program; its count is lost
          continue;
        }
        see(life);
        if (random() % 10 == 0) {
          gone.push_back(key);
          count(delta.taken_entry(entry.view()));
        } else {
          count(delta.entry(entry.view()));
        }
      }
      for (const std::uint32_t key : gone) map.erase(key);
      delta.end_read(incomplete);
    }
    CAPTURE(seed);
    CHECK(shown == expected);
    CHECK(expected > 100'000);
    CHECK(delta.beyond_limit() == 0);
  }
}
