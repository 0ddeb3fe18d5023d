// Renderers of numbers and bytes: edge cases.
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "format/json_value.h"
#include "support/catch.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

template <class Make>
test::SpecPlan made(std::uint32_t size, Make make, const std::string& as = "") {
  BtfBuilder btf;
  btf.structure("event", size, {{"f", make(btf), 0}});
  return test::ring_of(
      btf, R"("type": "struct event")" + (as.empty() ? "" : R"(, "fields": {"f": {"as": ")" + as + "\"}}"));
}

test::SpecPlan floating(std::uint32_t size, const std::string& as = "") {
  return made(
      size, [&](BtfBuilder& btf) { return btf.floating("real", size); }, as);
}

test::SpecPlan integer(std::uint32_t size, bool is_signed, const std::string& as) {
  return made(
      size, [&](BtfBuilder& btf) { return btf.integer("n", size, is_signed ? BTF_INT_SIGNED : 0); }, as);
}

test::SpecPlan byte_array(std::uint32_t count, const std::string& as) {
  return made(
      count,
      [&](BtfBuilder& btf) { return btf.array(btf.type_def("u8", btf.integer("unsigned char", 1)), count); },
      as);
}

std::string shown(const test::SpecPlan& plan, const RecordBytes& bytes) {
  return plan.mistakes.empty() ? test::plain(plan.field("f"), bytes.view()) : plan.mistakes;
}

std::string json(const test::SpecPlan& plan, const RecordBytes& bytes) {
  TextBuffer out;
  append_json(plan.field("f"), bytes.view(), {}, out);
  return std::string(out.view());
}

RecordBytes half(std::uint16_t bits) {
  RecordBytes bytes;
  return bytes.u16(bits);
}

template <class T>
RecordBytes of(T value) {
  RecordBytes bytes;
  return bytes.add(value);
}

}  // namespace

TEST_CASE("Floating-point numbers of 16 bits") {
  const auto plan = floating(2);
  CHECK(shown(plan, half(0x3c00)) == "1");
  CHECK(shown(plan, half(0xc000)) == "-2");
  CHECK(shown(plan, half(0x3555)) == "0.33325195");
  CHECK(shown(plan, half(0x7bff)) == "65504");
  CHECK(shown(plan, half(0x0001)) == "5.9604645e-08");
  CHECK(shown(plan, half(0x0400)) == "6.1035156e-05");
  CHECK(shown(plan, half(0x03ff)) == "6.097555e-05");
  CHECK(shown(plan, half(0x0000)) == "0");
  CHECK(shown(plan, half(0x8000)) == "-0");
  CHECK(shown(plan, half(0x7c00)) == "inf");
  CHECK(shown(plan, half(0xfc00)) == "-inf");
  CHECK(shown(plan, half(0x7e00)).find("nan") != std::string::npos);
  CHECK(json(plan, half(0x7c00)) == "null");
  CHECK(json(plan, half(0x7e00)) == "null");
  CHECK(json(plan, half(0x3c00)) == "1");
}

TEST_CASE("Renderer percent") {
  CHECK(shown(integer(4, false, "percent"), of(42u)) == "42%");
  CHECK(shown(integer(4, true, "percent"), of(-5)) == "-5%");
  CHECK(shown(floating(8, "percent"), of(12.34)) == "12.3%");
  CHECK(shown(floating(4, "percent"), of(99.96f)) == "100.0%");
  CHECK(shown(floating(2, "percent"), half(0x3c00)) == "1.0%");
  CHECK(shown(floating(8, "percent"), of(-0.04)) == "-0.0%");
  CHECK(json(floating(8, "percent"), of(std::numeric_limits<double>::infinity())) == "\"inf%\"");
  CHECK(nlohmann::json::accept(json(floating(8, "percent"), of(std::nan("")))));
  CHECK(shown(floating(8, "percent"), of(std::numeric_limits<double>::max())).size() == 312);
  CHECK(shown(floating(8, "percent"), of(-std::numeric_limits<double>::max())).size() == 313);
}

TEST_CASE("Renderer char prints a character, escaped where it must be") {
  const auto plan = integer(1, false, "char");
  CHECK(shown(plan, of('A')) == "A");
  CHECK(shown(plan, {0x1b}) == "\\x1b");
  CHECK(shown(plan, {0xff}) == "\\xff");
  CHECK(shown(plan, {0x00}) == "\\x00");
  CHECK(shown(plan, {'\\'}) == "\\\\");
  CHECK(shown(plan, {'\n'}) == "\\n");
  CHECK(json(plan, {'"'}) == R"("\"")");
  CHECK(json(plan, {0x1b}) == R"("\u001b")");
  CHECK(json(plan, {0xff}) == "\"\xef\xbf\xbd\"");
  CHECK(json(plan, {0x00}) == R"("\u0000")");
}

TEST_CASE("Renderer char accepts only a whole byte") {
  CHECK(integer(2, false, "char").mistakes == "\"char\" takes an integer of 1 byte; the field \"f\" is n\n");
  BtfBuilder btf;
  btf.structure("event", 1, {{"f", btf.integer("n", 1), 0, 3}});
  CHECK(test::ring_of(btf, R"("type": "struct event", "fields": {"f": {"as": "char"}})").mistakes ==
        "\"char\" takes an integer of 1 byte; the field \"f\" is n\n");
}

TEST_CASE("Renderer string turns any bytes into text") {
  CHECK(shown(byte_array(4, "string"), {'a', 'b', 0, 'x'}) == "ab");
  CHECK(shown(byte_array(4, "string"), {'a', 0x1b, 0xff, '"'}) == "a\\x1b\\xff\"");
  CHECK(json(byte_array(4, "string"), {'a', 0x1b, 0xff, '"'}) == "\"a\\u001b\xef\xbf\xbd\\\"\"");
  CHECK(shown(byte_array(4, "string"), {'a'}) == "a");
  CHECK(shown(integer(8, false, "string"), {'p', 'r', 'o', 'b', 'e', 0, 0, 0}) == "probe");
  CHECK(shown(byte_array(0, "string"), {'r', 'e', 's', 't'}) == "rest");
}

TEST_CASE("Renderer ip recognizes the address family by the size") {
  CHECK(shown(integer(4, false, "ip"), {127, 0, 0, 1}) == "127.0.0.1");
  CHECK(shown(byte_array(4, "ip"), {127, 0, 0, 1}) == "127.0.0.1");
  CHECK(shown(byte_array(16, "ip"), {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1}) ==
        "::ffff:10.0.0.1");
  CHECK(byte_array(8, "ip").mistakes.find("\"ip\" takes 4 or 16 bytes") == 0);
}

TEST_CASE("Octal and binary numbers have no sign, only bits") {
  CHECK(shown(integer(4, false, "oct"), of(0u)) == "0");
  CHECK(shown(integer(1, true, "oct"), {0xff}) == "0377");
  CHECK(shown(integer(1, true, "bin"), {0x80}) == "0b10000000");
  CHECK(shown(integer(4, false, "bin"), of(0u)) == "0b0");
}

TEST_CASE("Bitfields of 64 bits that begin within a byte") {
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto s64 = btf.integer("long long", 8, BTF_INT_SIGNED);
  btf.structure("event", 32, {{"a", u64, 0, 1}, {"f", u64, 1, 64}, {"g", s64, 65, 64}});
  const auto plan = test::ring_of(btf, R"("type": "struct event", "fields": {"f": {"as": "hex"}})");
  REQUIRE(plan.mistakes == "");
  RecordBytes bytes;
  bytes.u64(0xffff'ffff'ffff'fffe).u64(0xffff'ffff'ffff'ffff).u64(1).u64(0);
  CHECK(test::plain(plan.field("f"), bytes.view()) == "0xffffffffffffffff");
  CHECK(test::plain(plan.field("g"), bytes.view()) == "-1");
}

TEST_CASE("Renderer bool of a bitfield and of a negative number") {
  CHECK(shown(integer(4, true, "bool"), of(-1)) == "true");
  CHECK(json(integer(4, true, "bool"), of(0)) == "false");
}
