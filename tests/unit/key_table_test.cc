#include <array>
#include <bit>

#include "support/catch.h"
#include "support/key_index.h"

using namespace probe_run;

namespace {

std::array<std::byte, 4> key(std::uint32_t number) {
  return std::bit_cast<std::array<std::byte, 4>>(number);
}

}  // namespace

TEST_CASE("A key table numbers its keys in order of arrival") {
  KeyTable table(4);
  CHECK_FALSE(table.find(key(7).data()));
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const KeyTable::Place place = table.insert(key(i * 2654435761u).data());
    REQUIRE(place.added);
    REQUIRE(place.index == i);
  }
  CHECK(table.size() == 10'000);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const auto wanted = key(i * 2654435761u);
    REQUIRE(table.find(wanted.data()) == i);
    REQUIRE(std::equal(wanted.begin(), wanted.end(), table.key(i)));
    const KeyTable::Place again = table.insert(wanted.data());
    REQUIRE_FALSE(again.added);
    REQUIRE(again.index == i);
  }
  CHECK(table.size() == 10'000);
}

TEST_CASE("A cleared key table has no keys and accepts new ones") {
  KeyTable table(4);
  table.insert(key(1).data());
  table.insert(key(2).data());
  table.clear();
  CHECK(table.size() == 0);
  CHECK_FALSE(table.find(key(1).data()));
  CHECK(table.insert(key(2).data()).index == 0);
  CHECK_FALSE(table.find(key(1).data()));
}
