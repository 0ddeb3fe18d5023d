// Integers of more than 64 bits.
#include <nlohmann/json.hpp>

#include "decode/field_value.h"
#include "format/json_value.h"
#include "support/catch.h"
#include "unit/spec_plan.h"
#include "view/row_value.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

std::string text_of(Wide value, bool is_signed) {
  TextBuffer out;
  append_wide(out, value, is_signed);
  return std::string(out.view());
}

// struct event with the field f of __int128 (`bits` of it from bit `shift`), and its renderer.
test::SpecPlan wide(bool is_signed, const std::string& as = "dec", std::uint32_t shift = 0,
                    std::uint32_t bits = 0) {
  BtfBuilder btf;
  const auto type = btf.integer("__int128", 16, is_signed ? BTF_INT_SIGNED : 0);
  std::vector<BtfBuilder::Member> members;
  if (shift > 0) members.push_back({"low", type, 0, shift});
  members.push_back({"f", type, shift, bits});
  btf.structure("event", 32, members);
  return test::ring_of(btf, R"("type": "struct event", "fields": {"f": {"as": ")" + as + "\"}}");
}

RecordBytes record(std::uint64_t low, std::uint64_t high, std::uint64_t following = 0) {
  RecordBytes bytes;
  return bytes.u64(low).u64(high).u64(following).u64(0);
}

std::string shown(const test::SpecPlan& plan, const RecordBytes& bytes) {
  return plan.mistakes.empty() ? test::plain(plan.field("f"), bytes.view()) : plan.mistakes;
}

}  // namespace

TEST_CASE("A wide number has every decimal digit") {
  CHECK(text_of(0, false) == "0");
  CHECK(text_of(0, true) == "0");
  CHECK(text_of(~Wide{0}, false) == "340282366920938463463374607431768211455");
  CHECK(text_of(~Wide{0}, true) == "-1");
  CHECK(text_of(Wide{1} << 127, true) == "-170141183460469231731687303715884105728");
  CHECK(text_of(Wide{1} << 127, false) == "170141183460469231731687303715884105728");
  CHECK(text_of((Wide{1} << 127) - 1, true) == "170141183460469231731687303715884105727");
  CHECK(text_of(Wide{1} << 64, false) == "18446744073709551616");
}

TEST_CASE("A field of 128 bits is printed with its sign") {
  CHECK(shown(wide(true), record(~0ull, ~0ull)) == "-1");
  CHECK(shown(wide(false), record(~0ull, ~0ull)) == "340282366920938463463374607431768211455");
  CHECK(shown(wide(true), record(5, 0)) == "5");
}

TEST_CASE("A field of 128 bits in hexadecimal has its inner zeros") {
  CHECK(shown(wide(false, "hex"), record(0x1f, 1)) == "0x1000000000000001f");
  CHECK(shown(wide(false, "hex"), record(0x1f, 0)) == "0x1f");
  CHECK(shown(wide(true, "hex"), record(~0ull, ~0ull)) == "0xffffffffffffffffffffffffffffffff");
  CHECK(shown(wide(false, "hex"), record(0, 0)) == "0x0");
}

TEST_CASE("A bitfield of 100 of 128 bits is a wide number") {
  CHECK(shown(wide(false, "hex", 0, 100), record(~0ull, ~0ull)) == "0xfffffffffffffffffffffffff");
  CHECK(shown(wide(true, "dec", 0, 100), record(~0ull, ~0ull)) == "-1");
  CHECK(shown(wide(true, "dec", 0, 100), record(~0ull, 0x7'ffff'ffff)) ==
        "633825300114114700748351602687");  // 2^99 - 1
  CHECK(shown(wide(true, "hex", 0, 100), record(~0ull, ~0ull)) == "0xfffffffffffffffffffffffff");
  CHECK(shown(wide(false, "hex", 5, 100), record(0b11111, 0)) == "0x0");
  CHECK(shown(wide(false, "dec", 5, 100), record(0b100000, 0)) == "1");
}

TEST_CASE("A bitfield of 123 bits may span 17 bytes") {
  // After 5 bits, 123 bits end in byte 16; 5 + 123 = 128.
  CHECK(shown(wide(false, "hex", 5, 123), record(~0ull, ~0ull)) == "0x7ffffffffffffffffffffffffffffff");
  Slot slot{0, 17, 7, 128, true};
  const RecordBytes bytes = record(0x80, 0, 0x7f);
  CHECK((load_wide(bytes.view(), slot) == ((Wide{0x7f} << 121) | 1)));
  slot.bits = 122;
  CHECK((load_wide(bytes.view(), slot) == ((~Wide{0} << 121) | 1)));
}

TEST_CASE("A bitfield of 64 of 128 bits is an ordinary number") {
  const auto plan = wide(false, "oct", 3, 64);
  REQUIRE(plan.mistakes == "");
  CHECK(plan.field("f").scalar);
  CHECK(shown(plan, record(~std::uint64_t{7}, 7)) == "01777777777777777777777");
  CHECK(shown(wide(true, "dec", 3, 64), record(~std::uint64_t{7}, 7)) == "-1");
}

TEST_CASE("A bitfield of 65 bits is the smallest wide number") {
  CHECK(shown(wide(false, "dec", 0, 65), record(0, 1)) == "18446744073709551616");
  CHECK(shown(wide(true, "dec", 0, 65), record(0, 1)) == "-18446744073709551616");
}

TEST_CASE("Renderers of up to 8 bytes refuse a wide number") {
  CHECK(wide(false, "bin").mistakes ==
        "\"bin\" takes an integer of up to 8 bytes; the field \"f\" is __int128\n");
  CHECK_FALSE(wide(false, "percent").mistakes.empty());
  CHECK_FALSE(wide(false, "bytes", 5, 100).mistakes.empty());
  CHECK(wide(false, "ipv6").mistakes == "");
}

TEST_CASE("A wide number is a JSON number with every digit") {
  const auto plan = wide(true);
  TextBuffer out;
  append_json(plan.field("f"), record(0, 1ull << 63).view(), {}, out);
  CHECK(std::string(out.view()) == "-170141183460469231731687303715884105728");
}

TEST_CASE("In a record that ends within a wide number, the number is missing") {
  const auto plan = wide(false);
  CHECK(test::plain(plan.field("f"), record(1, 1).view().first(15)) == "-");
  CHECK(test::plain(plan.field("f"), record(1, 0).view().first(16)) == "1");
}

TEST_CASE("Wide numbers are sorted by value, with their sign") {
  const RecordBytes minus = record(~0ull, ~0ull);
  const RecordBytes large = record(0, 1);
  const RecordBytes small = record(~0ull, 0);
  const auto with_sign = wide(true);
  CHECK((compare_by(with_sign.field("f"), minus.view(), small.view()) < 0));
  CHECK((compare_by(with_sign.field("f"), small.view(), large.view()) < 0));
  CHECK((compare_by(wide(false).field("f"), minus.view(), large.view()) > 0));
  CHECK((compare_by(with_sign.field("f"), large.view(), large.view()) == 0));
}
