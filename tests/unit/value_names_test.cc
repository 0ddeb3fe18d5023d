// Names of values in the spec: "values".
#include <nlohmann/json.hpp>

#include "format/csv_format.h"
#include "format/json_value.h"
#include "support/catch.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

// struct event { u8 a; s8 b; u16 c : 3, d : 13; s32 e; enum mode f; u64 g; u32 list[2]; }
BtfBuilder types() {
  BtfBuilder btf;
  const auto u8 = btf.integer("unsigned char", 1);
  const auto s8 = btf.type_def("s8", btf.integer("signed char", 1, BTF_INT_SIGNED));
  const auto u16 = btf.integer("unsigned short", 2);
  const auto s32 = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto mode = btf.enumeration("mode", 4, {{"READ", 1}, {"WRITE", 2}, {"LAST", INT32_MIN}}, true);
  btf.structure("event", 32,
                {{"a", u8, 0},
                 {"b", s8, 8},
                 {"c", u16, 16, 3},
                 {"d", u16, 19, 13},
                 {"e", s32, 32},
                 {"f", mode, 64},
                 {"g", u64, 128},
                 {"list", btf.array(u32, 2), 192}});
  return btf;
}

RecordBytes record(std::uint8_t a, std::int8_t b, std::uint16_t cd, std::int32_t e, std::uint32_t f,
                   std::uint64_t g = 0) {
  RecordBytes bytes;
  return bytes.u8(a).add(b).u16(cd).i32(e).u32(f).u32(0).u64(g).u32(6).u32(7);
}

test::SpecPlan with(const std::string& field, const std::string& options) {
  return test::ring_of(types(), R"("type": "struct event", "fields": {")" + field + "\": {" + options + "}}");
}

std::string shown(const test::SpecPlan& plan, const std::string& field, const RecordBytes& bytes) {
  return plan.mistakes.empty() ? test::plain(plan.field(field), bytes.view()) : plan.mistakes;
}

std::string json(const test::SpecPlan& plan, const std::string& field, const RecordBytes& bytes) {
  TextBuffer out;
  append_json(plan.field(field), bytes.view(), {}, out);
  return std::string(out.view());
}

}  // namespace

TEST_CASE("A number is printed by its name in \"values\", otherwise as a number") {
  const auto plan = with("a", R"("values": {"6": "TCP", "0x11": "UDP"})");
  CHECK(shown(plan, "a", record(6, 0, 0, 0, 0)) == "TCP");
  CHECK(shown(plan, "a", record(17, 0, 0, 0, 0)) == "UDP");
  CHECK(shown(plan, "a", record(255, 0, 0, 0, 0)) == "255");
}

TEST_CASE("Negative values have names in a signed field") {
  const auto plan = with("b", R"("values": {"-1": "NONE", "-128": "LOWEST", "127": "HIGHEST"})");
  CHECK(shown(plan, "b", record(0, -1, 0, 0, 0)) == "NONE");
  CHECK(shown(plan, "b", record(0, -128, 0, 0, 0)) == "LOWEST");
  CHECK(shown(plan, "b", record(0, 127, 0, 0, 0)) == "HIGHEST");
  CHECK(shown(plan, "b", record(0, -2, 0, 0, 0)) == "-2");
}

TEST_CASE("A negative number names the value with the same bits in an unsigned field") {
  CHECK(shown(with("a", R"("values": {"-1": "ALL"})"), "a", record(255, 0, 0, 0, 0)) == "ALL");
  CHECK(shown(with("g", R"("values": {"-1": "ALL"})"), "g", record(0, 0, 0, 0, 0, ~0ull)) == "ALL");
}

TEST_CASE("A negative value may be given by its bits") {
  CHECK(shown(with("b", R"("values": {"0xff": "NONE"})"), "b", record(0, -1, 0, 0, 0)) == "NONE");
  CHECK(shown(with("e", R"("values": {"0xffffffff": "NONE"})"), "e", record(0, 0, 0, -1, 0)) == "NONE");
}

TEST_CASE("A number that the field cannot have is refused") {
  const auto mistakes = [](const std::string& field, const std::string& number) {
    return with(field, R"("values": {")" + number + R"(": "X"})").mistakes;
  };
  CHECK(mistakes("a", "255") == "");
  CHECK(mistakes("a", "256") == "the field has 8 bits and cannot be 256\n");
  CHECK(mistakes("b", "-128") == "");
  CHECK(mistakes("b", "-129") == "the field has 8 bits and cannot be -129\n");
  CHECK(mistakes("b", "-200") == "the field has 8 bits and cannot be -200\n");
  CHECK(mistakes("a", "18446744073709551615") == "the field has 8 bits and cannot be 18446744073709551615\n");
  CHECK(mistakes("c", "7") == "");
  CHECK(mistakes("c", "8") == "the field has 3 bits and cannot be 8\n");
  CHECK(mistakes("g", "18446744073709551615") == "");
  CHECK(mistakes("a", "-0") == "");
}

TEST_CASE("Bitfields have names of values") {
  CHECK(shown(with("c", R"("values": {"5": "FIVE"})"), "c", record(0, 0, 0xfffd, 0, 0)) == "FIVE");
  CHECK(shown(with("d", R"("values": {"8191": "ALL"})"), "d", record(0, 0, 0xfff8, 0, 0)) == "ALL");
}

TEST_CASE("Names in the spec replace those of an enum") {
  const auto plan = with("f", R"("values": {"1": "reads"})");
  CHECK(shown(plan, "f", record(0, 0, 0, 0, 1)) == "reads");
  CHECK(shown(plan, "f", record(0, 0, 0, 0, 2)) == "2");
}

TEST_CASE("The elements of an array have names of values") {
  const auto plan = with("list", R"("values": {"6": "TCP"})");
  CHECK(shown(plan, "list", record(0, 0, 0, 0, 0)) == "[TCP, 7]");
  CHECK(json(plan, "list", record(0, 0, 0, 0, 0)) == R"(["TCP","7"])");
}

TEST_CASE("Whatever a name in the spec contains, each format stays valid") {
  const std::string name = "a\"b\\c\nd\x1b[31m;\t,\xc3\xa9";
  for (const char* as : {"values", "enum", "flags"}) {
    CAPTURE(as);
    const auto plan = with(
        "a", R"("as": ")" + std::string(as) + R"(", "values": {"1": )" + nlohmann::json(name).dump() + "}");
    REQUIRE(plan.mistakes == "");
    const RecordBytes bytes = record(1, 0, 0, 0, 0);
    CHECK(nlohmann::json::parse(json(plan, "a", bytes)).get<std::string>() == name);
    CHECK(shown(plan, "a", bytes) == "a\"b\\\\c\\nd\\x1b[31m;\\t,\xc3\xa9");
    CsvFormat csv({{"a", &plan.field("a")}}, Reader::program);
    TextBuffer out;
    csv.row(bytes.view(), {}, out);
    CHECK(std::string(out.view()) == "\"a\"\"b\\c\nd\x1b[31m;\t,\xc3\xa9\"\n");
  }
}

TEST_CASE("Names of values for a renderer without names are refused") {
  CHECK(with("a", R"("as": "hex", "values": {"1": "ONE"})").mistakes ==
        "the renderer \"hex\" does not use \"values\"\n");
  CHECK(with("a", R"("as": "values")").mistakes == "the renderer \"values\" needs the key \"values\"\n");
}

TEST_CASE("Names for system call numbers replace those of the architecture") {
  const auto plan = with("g", R"("as": "syscall", "values": {"59": "exec\"ute"})");
  CHECK(shown(plan, "g", record(0, 0, 0, 0, 0, 59)) == "exec\"ute");
  CHECK(json(plan, "g", record(0, 0, 0, 0, 0, 59)) == R"("exec\"ute")");
  CHECK(shown(plan, "g", record(0, 0, 0, 0, 0, 0)) == "0");
}

TEST_CASE("The flag in the highest bit of a signed enum has its name") {
  const auto plan = with("f", R"("as": "flags")");
  CHECK(shown(plan, "f", record(0, 0, 0, 0, 0x80000001)) == "READ|LAST");
  CHECK(shown(plan, "f", record(0, 0, 0, 0, 0x80000004)) == "LAST|0x4");
}

TEST_CASE("Thousands of names are looked up") {
  std::string values;
  for (int i = 0; i < 20'000; ++i) {
    values += (i > 0 ? ", \"" : "\"") + std::to_string(i * 2) + "\": \"v" + std::to_string(i) + "\"";
  }
  const auto plan = with("g", R"("values": {)" + values + "}");
  CHECK(shown(plan, "g", record(0, 0, 0, 0, 0, 39'998)) == "v19999");
  CHECK(shown(plan, "g", record(0, 0, 0, 0, 0, 39'999)) == "39999");
}
