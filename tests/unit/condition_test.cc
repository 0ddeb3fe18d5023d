// "when": arms of unions and other fields that exist only if other fields have certain values.
#include "decode/field.h"
#include "format/csv_format.h"
#include "format/json_format.h"
#include "support/catch.h"
#include "unit/spec_plan.h"
#include "view/group_table.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

// struct event {
//   enum kind kind; s16 level; u8 flag : 3, : 0; char comm[8];
//   union { u32 v4; u8 v6[16]; };                    anonymous, at 16
//   union arms { struct open { u32 fd; u32 mode; } open; u64 raw; } arms;      at 32
//   struct hop { u8 family; union { u32 v4; u16 v6[2]; }; } hops[2];           at 40, 8 bytes each
// };
BtfBuilder types() {
  BtfBuilder btf;
  const auto u8 = btf.type_def("u8", btf.integer("unsigned char", 1));
  const auto u16 = btf.integer("unsigned short", 2);
  const auto s16 = btf.integer("short", 2, BTF_INT_SIGNED);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  const auto kind = btf.enumeration("kind", 4, {{"OPEN", 1}, {"CLOSE", 2}, {"BAD", -1}}, true);
  const auto address = btf.union_of("", 16, {{"v4", u32, 0}, {"v6", btf.array(u8, 16), 0}});
  const auto open = btf.structure("open", 8, {{"fd", u32, 0}, {"mode", u32, 32}});
  const auto arms = btf.union_of("arms", 8, {{"open", open, 0}, {"raw", u64, 0}});
  const auto hop_address = btf.union_of("", 4, {{"v4", u32, 0}, {"v6", btf.array(u16, 2), 0}});
  const auto hop = btf.structure("hop", 8, {{"family", u8, 0}, {"", hop_address, 32}});
  btf.structure("event", 56,
                {{"kind", kind, 0},
                 {"level", s16, 32},
                 {"flag", u8, 48, 3},
                 {"rest", u8, 51, 5},
                 {"comm", btf.array(character, 8), 64},
                 {"", address, 128},
                 {"arms", arms, 256},
                 {"hops", btf.array(hop, 2), 320}});
  return btf;
}

RecordBytes record(std::int32_t kind, std::int16_t level = 0, std::uint8_t flag = 0) {
  RecordBytes bytes;
  bytes.i32(kind).add(level).u8(flag).u8(0).text("bash", 8);
  bytes.u8(10).u8(0).u8(0).u8(1).zeros(12);
  bytes.u32(3).u32(0644);
  bytes.u8(2).zeros(3).u32(7).u8(10).zeros(3).u16(8).u16(9);
  return bytes;
}

test::SpecPlan with(const std::string& fields) {
  return test::ring_of(types(), R"("type": "struct event", "fields": {)" + fields + "}");
}

bool there(const test::SpecPlan& plan, const std::string& field, const RecordBytes& bytes) {
  return present(plan.field(field), bytes.view());
}

std::string json_line(const test::SpecPlan& plan, std::vector<Column> columns, const RecordBytes& bytes) {
  for (Column& column : columns) column.field = &plan.field(column.name);
  JsonlFormat format(columns);
  TextBuffer out;
  format.row(bytes.view(), {}, out);
  return std::string(out.view());
}

std::string rows(GroupTable& table) {
  std::string text;
  table.for_each({}, [&](Bytes row) {
    for (const Field& field : table.plan().root.fields) text += test::plain(field, row) + " ";
    text.back() = '\n';
  });
  return text;
}

}  // namespace

TEST_CASE("The arm of an anonymous union exists if its condition is met") {
  const auto plan = with(R"("v4": {"when": {"kind": 1}, "as": "ipv4"}, "v6": {"when": {"kind": 2}})");
  REQUIRE(plan.mistakes == "");
  CHECK(test::plain(plan.field("v4"), record(1).view()) == "10.0.0.1");
  CHECK(test::plain(plan.field("v4"), record(2).view()) == "-");
  CHECK(there(plan, "v6", record(2)));
  CHECK_FALSE(there(plan, "v6", record(1)));
  CHECK_FALSE(there(plan, "v6", record(3)));
}

TEST_CASE("The condition of an arm of a named union applies to its members") {
  const auto plan =
      with(R"("arms.open": {"when": {"kind": "OPEN"}}, "arms.raw": {"when": {"kind": "CLOSE"}})");
  REQUIRE(plan.mistakes == "");
  CHECK(test::plain(plan.field("arms"), record(1).view()) == "{open={fd=3, mode=420}}");
  CHECK(test::plain(plan.field("arms"), record(2).view()) == "{raw=1803886264323}");
  CHECK(test::plain(plan.field("arms"), record(-1).view()) == "{}");
  CHECK(test::plain(plan.field("arms.open.mode"), record(2).view()) == "-");
  CHECK(test::plain(plan.field("arms.open.mode"), record(1).view()) == "420");
}

TEST_CASE("Members of an arm may have a condition in addition to the arm's, in either order") {
  for (const char* fields :
       {R"("arms.open": {"when": {"kind": 1}}, "arms.open.mode": {"when": {"flag": 1}})",
        R"("arms.open.mode": {"when": {"flag": 1}}, "arms.open": {"when": {"kind": 1}})"}) {
    CAPTURE(fields);
    const auto plan = with(fields);
    REQUIRE(plan.mistakes == "");
    CHECK(there(plan, "arms.open.mode", record(1, 0, 1)));
    CHECK_FALSE(there(plan, "arms.open.mode", record(1, 0, 0)));
    CHECK_FALSE(there(plan, "arms.open.mode", record(2, 0, 1)));
    CHECK(there(plan, "arms.open.fd", record(1, 0, 0)));
  }
}

TEST_CASE("In an array of structs, each element's own number decides") {
  const auto plan = with(R"("hops[].v4": {"when": {"family": 2}}, "hops[].v6": {"when": {"family": 10}})");
  REQUIRE(plan.mistakes == "");
  CHECK(test::plain(plan.field("hops"), record(1).view()) == "[{family=2, v4=7}, {family=10, v6=[8, 9]}]");
}

TEST_CASE("In an array of structs, the number may be named by its whole path") {
  const auto plan = with(R"("hops[].v4": {"when": {"hops[].family": 2}})");
  REQUIRE(plan.mistakes == "");
  CHECK(test::plain(plan.field("hops"), record(1).view()) ==
        "[{family=2, v4=7, v6=[7, 0]}, {family=10, v6=[8, 9]}]");
}

TEST_CASE("A condition cannot use a number of another record") {
  CHECK(with(R"("hops[].v4": {"when": {"kind": 2}})").mistakes == "unknown field \"kind\"\n");
  CHECK(with(R"("v4": {"when": {"hops[].family": 2}})").mistakes == "unknown field \"hops[].family\"\n");
  CHECK(with(R"("arms.raw": {"when": {"hops[].family": 2}})").mistakes ==
        "unknown field \"hops[].family\"\n");
  // The siblings of "arms.raw" are in "arms.", those of "hops[].v4" in "hops[].": neither leads into the
  // array.
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto item = btf.structure("item", 4, {{"kind", u32, 0}});
  const auto outer = btf.structure("outer", 12, {{"items", btf.array(item, 2), 0}, {"x", u32, 64}});
  btf.structure("event", 12, {{"o", outer, 0}});
  CHECK(test::ring_of(btf, R"("type": "struct event", "fields": {"o.x": {"when": {"items[].kind": 1}}})")
            .mistakes == "unknown field \"items[].kind\"\n");
}

TEST_CASE("An array may have a condition, its elements may not") {
  CHECK(with(R"("hops[]": {"when": {"kind": 2}})").mistakes ==
        "\"when\" applies to a whole array or to members of its elements\n");
  const auto plan = with(R"("hops": {"when": {"kind": 2}})");
  REQUIRE(plan.mistakes == "");
  CHECK(test::plain(plan.field("hops"), record(1).view()) == "-");
  CHECK(there(plan, "hops", record(2)));
}

TEST_CASE("Each of several fields must have one of its values") {
  const auto plan = with(R"("v4": {"when": {"kind": ["OPEN", 2], "flag": [1, 3], "level": -5}})");
  REQUIRE(plan.mistakes == "");
  CHECK(there(plan, "v4", record(1, -5, 1)));
  CHECK(there(plan, "v4", record(2, -5, 3)));
  CHECK_FALSE(there(plan, "v4", record(2, -5, 2)));
  CHECK_FALSE(there(plan, "v4", record(3, -5, 1)));
  CHECK_FALSE(there(plan, "v4", record(1, 5, 1)));
}

TEST_CASE("Conditions may use negative numbers and names of negative enum values") {
  const auto plan = with(R"("v4": {"when": {"kind": -1}}, "v6": {"when": {"kind": "BAD"}})");
  REQUIRE(plan.mistakes == "");
  CHECK(there(plan, "v4", record(-1)));
  CHECK(there(plan, "v6", record(-1)));
  CHECK_FALSE(there(plan, "v4", record(1)));
}

TEST_CASE("A value that the field cannot have is a mistake") {
  const auto mistakes = [](const std::string& when) {
    return with(R"("v4": {"when": {)" + when + "}}").mistakes;
  };
  CHECK(mistakes(R"("flag": 7)") == "");
  CHECK(mistakes(R"("flag": 8)") == "the field \"flag\" cannot be 8: it has 3 bits and is unsigned\n");
  CHECK(mistakes(R"("flag": -1)") == "the field \"flag\" cannot be -1: it has 3 bits and is unsigned\n");
  CHECK(mistakes(R"("level": -32768)") == "");
  CHECK(mistakes(R"("level": -32769)") ==
        "the field \"level\" cannot be -32769: it has 16 bits and is signed\n");
  CHECK(mistakes(R"("level": 32768)") ==
        "the field \"level\" cannot be 32768: it has 16 bits and is signed\n");
  CHECK(mistakes(R"("kind": "OPNE")") == "the field \"kind\" has no value \"OPNE\"\n");
  CHECK(mistakes(R"("level": "HIGH")") == "the field \"level\" has no value \"HIGH\"\n");
  CHECK(mistakes(R"("comm": 1)") == "the field \"comm\" is not a number or enum\n");
  CHECK(mistakes(R"("arms": 1)") == "the field \"arms\" is not a number or enum\n");
  CHECK(mistakes(R"("nothing": 1)") == "unknown field \"nothing\"\n");
}

TEST_CASE("A field may depend on itself, and two fields on each other") {
  const auto plan = with(
      R"("kind": {"when": {"flag": 1}}, "flag": {"when": {"kind": 1}}, "level": {"when": {"level": 3}})");
  REQUIRE(plan.mistakes == "");
  CHECK(there(plan, "kind", record(5, 3, 1)));
  CHECK_FALSE(there(plan, "flag", record(5, 3, 1)));
  CHECK(there(plan, "level", record(5, 3, 1)));
  CHECK_FALSE(there(plan, "level", record(5, 4, 1)));
}

TEST_CASE("In a record that is too short for a condition's field, the conditional field is missing") {
  const auto plan = with(R"("v4": {"when": {"kind": 0}})");
  CHECK_FALSE(there(plan, "v4", RecordBytes().zeros(3)));
  CHECK_FALSE(there(plan, "v4", RecordBytes().zeros(19)));
  CHECK(there(plan, "v4", RecordBytes().zeros(20)));
}

TEST_CASE("An arm whose condition is not met is left out of JSON; one that is cut off is null") {
  const auto plan = with(
      R"("v4": {"when": {"kind": 1}}, "arms.raw": {"when": {"kind": 1}}, "arms.open": {"when": {"kind": 2}})");
  CHECK(json_line(plan, {{"kind"}, {"v4"}, {"arms"}}, record(2)) ==
        "{\"kind\":\"CLOSE\",\"arms\":{\"open\":{\"fd\":3,\"mode\":420}}}\n");
  RecordBytes cut;
  cut.u32(1).zeros(12);
  CHECK(json_line(plan, {{"kind"}, {"v4"}}, cut) == "{\"kind\":\"OPEN\",\"v4\":null}\n");
  CHECK(json_line(plan, {{"v4"}}, record(2)) == "{}\n");
}

TEST_CASE("An arm whose condition is not met is an empty cell in CSV") {
  const auto plan = with(R"("v4": {"when": {"kind": 1}})");
  CsvFormat format({{"v4", &plan.field("v4")}, {"kind", &plan.field("kind")}}, Reader::program);
  TextBuffer out;
  format.row(record(2).view(), {}, out);
  CHECK(std::string(out.view()) == ",CLOSE\n");
}

TEST_CASE("Groups distinguish a missing key from a key of 0") {
  const auto plan = with(R"("v4": {"when": {"kind": 1}})");
  GroupTable table({&plan.field("v4")}, {{"n"}});
  RecordBytes zero;
  zero.u32(1).zeros(52);
  table.add(zero.view());
  table.add(record(2).view());
  table.add(record(2).view());
  table.add(record(1).view());
  CHECK(rows(table) == "0 1\n- 2\n16777226 1\n");
}

TEST_CASE("A union groups by the arm whose condition is met") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u8 = btf.integer("unsigned char", 1);
  const auto either = btf.union_of("", 4, {{"number", u32, 0}, {"letter", u8, 0}});
  const auto inner = btf.structure("inner", 8, {{"kind", u32, 0}, {"", either, 32}});
  btf.structure("event", 16, {{"pad", u32, 0}, {"inner", inner, 32}});
  const auto plan = test::ring_of(btf,
                                  R"("type": "struct event", "fields": {"inner.number": {"when": {"kind": 1}},
      "inner.letter": {"when": {"kind": 2}, "as": "dec"}})");
  REQUIRE(plan.mistakes == "");
  REQUIRE(KeptField::can_keep(plan.field("inner")));
  GroupTable table({&plan.field("inner")}, {{"n"}});
  const auto add = [&](std::uint32_t kind, std::uint32_t value) {
    RecordBytes bytes;
    table.add(bytes.u32(9).u32(kind).u32(value).u32(0).view());
  };
  add(1, 0x101), add(1, 0x201), add(2, 0x101), add(2, 0x201);
  CHECK(rows(table) == "{kind=1, number=257} 1\n{kind=1, number=513} 1\n{kind=2, letter=1} 2\n");
}

TEST_CASE("A struct whose arms depend on a field outside of it cannot be a group key") {
  const auto plan = with(R"("arms.open": {"when": {"kind": 1}})");
  CHECK_FALSE(KeptField::can_keep(plan.field("arms")));
  CHECK(KeptField::can_keep(plan.field("arms.raw")));
  CHECK(KeptField::can_keep(plan.field("hops")));
}

TEST_CASE("Many conditions on a struct with many members compile quickly") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  std::vector<BtfBuilder::Member> members;
  std::string when;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    members.push_back({"m" + std::to_string(i), u32, i * 32});
    when += (i > 0 ? ", \"a.m" : "\"a.m") + std::to_string(i) + "\": 0";
  }
  const auto many = btf.structure("many", 16'000, members);
  btf.structure("event", 32'000, {{"a", many, 0}, {"b", many, 16'000 * 8}});
  const auto plan =
      test::ring_of(btf, R"("type": "struct event", "fields": {"b": {"when": {)" + when + "}}}");
  REQUIRE(plan.mistakes == "");
  CHECK(there(plan, "b.m3999", RecordBytes().zeros(32'000)));
}
