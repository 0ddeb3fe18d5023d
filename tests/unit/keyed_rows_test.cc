#include <cstring>
#include <map>
#include <random>
#include <set>

#include "support/catch.h"
#include "view/delta.h"

using namespace probe_run;

namespace {

constexpr std::uint32_t key_size = 8;

KeyedRows::Found find(KeyedRows& rows, std::uint64_t key) {
  return rows.find_or_add(reinterpret_cast<const std::byte*>(&key));
}

std::uint64_t value(const std::byte* row) {
  std::uint64_t number = 0;
  std::memcpy(&number, row + key_size, sizeof number);
  return number;
}

void set_value(std::byte* row, std::uint64_t number) {
  std::memcpy(row + key_size, &number, sizeof number);
}

}  // namespace

TEST_CASE("A row is zero when it is added and keeps what is written to it") {
  KeyedRows rows(key_size, 16, 10);
  const KeyedRows::Found first = find(rows, 7);
  CHECK(first.added);
  CHECK(value(first.row) == 0);
  set_value(first.row, 42);
  const KeyedRows::Found again = find(rows, 7);
  CHECK_FALSE(again.added);
  CHECK(value(again.row) == 42);
}

TEST_CASE("There are never more rows than the limit") {
  KeyedRows rows(key_size, 16, 2);
  CHECK(find(rows, 1).row != nullptr);
  CHECK(find(rows, 2).row != nullptr);
  CHECK(find(rows, 3).row == nullptr);
  CHECK(find(rows, 1).row != nullptr);
  CHECK(rows.size() == 2);
}

TEST_CASE("A key that was not added because the table is full does not evict another row") {
  KeyedRows rows(key_size, 16, 1);
  find(rows, 1);
  CHECK(find(rows, 2).row == nullptr);
  rows.forget_last();
  CHECK(rows.size() == 1);
}

TEST_CASE("Rows without a key are one row") {
  KeyedRows rows(0, 8, 10);
  CHECK(find(rows, 1).added);
  CHECK_FALSE(find(rows, 2).added);
}

TEST_CASE("Rows are found, missed and removed as in a std::map") {
  std::mt19937_64 random(1);
  KeyedRows rows(key_size, 16, 100'000);
  std::map<std::uint64_t, std::uint64_t> model;
  bool equal = true;
  for (int round = 0; round < 300; ++round) {
    rows.begin_round();
    std::set<std::uint64_t> given;
    // Keys that are close together, and keys that share the lowest bits of their hash.
    const std::uint64_t stride = round % 3 == 0 ? 1 : std::uint64_t{1} << (random() % 60);
    for (std::uint64_t i = random() % 200; i > 0; --i) {
      const std::uint64_t key = random() % 150 * stride;
      const KeyedRows::Found found = find(rows, key);
      const auto known = model.find(key);
      equal = equal && found.added == (known == model.end());
      equal = equal && value(found.row) == (known == model.end() ? 0 : known->second);
      if (random() % 10 == 0) {
        rows.forget_last();
        model.erase(key);
        given.erase(key);
      } else {
        set_value(found.row, model[key] = random());
        given.insert(key);
      }
      equal = equal && rows.size() == model.size();
    }
    if (random() % 3 != 0) continue;
    rows.forget_missed();
    std::erase_if(model, [&](const auto& row) { return !given.contains(row.first); });
    equal = equal && rows.size() == model.size();
  }
  CHECK(equal);
}
