// "length": how many bytes or items of a field count. What is after them is of an earlier record, and is never shown.
#include "filter/filter.h"
#include "format/json_value.h"
#include "support/catch.h"
#include "unit/record_bytes.h"
#include "unit/spec_plan.h"
#include "view/group_table.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

// { u32 len; int used; char text[16]; u8 raw[8]; u32 items[4]; }
test::SpecPlan with(const std::string& fields) {
  BtfBuilder btf;
  const auto u8 = btf.type_def("u8", btf.integer("unsigned char", 1));
  const auto u32 = btf.integer("unsigned int", 4);
  const auto i32 = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  btf.structure("event", 48,
                {{"len", u32, 0},
                 {"used", i32, 4 * 8},
                 {"text", btf.array(character, 16), 8 * 8},
                 {"raw", btf.array(u8, 8), 24 * 8},
                 {"items", btf.array(u32, 4), 32 * 8}});
  return test::ring_of(btf, R"("type": "struct event", "fields": {)" + fields + "}");
}

RecordBytes record(std::uint32_t length, std::int32_t used, std::string_view text = "secretpassword") {
  RecordBytes bytes;
  bytes.u32(length).i32(used).text(text, 16);
  for (std::uint8_t i = 1; i <= 8; ++i) bytes.u8(i);
  return bytes.u32(10).u32(20).u32(30).u32(40);
}

std::string json(const Field& field, const RecordBytes& bytes) {
  TextBuffer out;
  append_json(field, bytes.view(), {}, out);
  return std::string(out.view());
}

const std::string text_by_len = R"("text": {"length": "len"})";

}  // namespace

TEST_CASE("A text with a length has that many characters") {
  const auto plan = with(text_by_len);
  REQUIRE(plan.mistakes == "");
  CHECK(json(plan.field("text"), record(6, 0)) == "\"secret\"");
  CHECK(json(plan.field("text"), record(0, 0)) == "\"\"");
  CHECK(json(plan.field("text"), record(3, 0, std::string_view("a\0b\0c", 5))) == "\"a\\u0000b\"");
  // No more than the field has.
  CHECK(json(plan.field("text"), record(1000, 0, "0123456789abcdef")) == "\"0123456789abcdef\"");
}

TEST_CASE("A negative length is none, and so is one that the record is too short for") {
  const auto plan = with(R"("text": {"length": "used"}, "items": {"length": "used"})");
  REQUIRE(plan.mistakes == "");
  CHECK(json(plan.field("text"), record(0, -1)) == "\"\"");
  CHECK(json(plan.field("text"), record(0, 4)) == "\"secr\"");
  CHECK(json(plan.field("items"), record(0, -1)) == "[]");
}

TEST_CASE("A record that ends before its length says has what is there") {
  const auto plan = with(text_by_len);
  const RecordBytes whole = record(14, 0);
  CHECK(test::plain(plan.field("text"), whole.view().first(8 + 6)) == "secret");
}

TEST_CASE("Bytes and lists have a length as well") {
  const auto plan = with(R"("raw": {"as": "bytes", "length": "len"}, "items": {"length": "len"})");
  REQUIRE(plan.mistakes == "");
  CHECK(test::plain(plan.field("raw"), record(3, 0).view()) == "010203");
  CHECK(test::plain(plan.field("items"), record(2, 0).view()) == "[10, 20]");
  CHECK(test::plain(with(R"("raw": {"length": "len"})").field("raw"), record(2, 0).view()) == "[1, 2]");
}

TEST_CASE("A condition compares only what counts") {
  const auto plan = with(text_by_len);
  const auto passes = [&](const std::string& where, const RecordBytes& bytes) {
    Diagnostics diagnostics = test::no_diagnostics();
    Filter filter(test::located(where), *plan, diagnostics);
    REQUIRE(test::whats(diagnostics) == "");
    return filter.passes(bytes.view(), {});
  };
  CHECK(passes("text == 'secret'", record(6, 0)));
  CHECK_FALSE(passes("text == 'secretpassword'", record(6, 0)));
  CHECK_FALSE(passes("text glob '*password*'", record(6, 0)));
}

TEST_CASE("Records that differ only after their length are one group, and the group shows no more") {
  const auto plan = with(text_by_len + R"(, "raw": {"as": "bytes", "length": "used"})");
  GroupTable table({&plan.field("text"), &plan.field("raw")}, {{"n"}});
  for (const char* text : {"secretpassword", "secret_another"}) table.add(record(6, 2, text).view());
  table.add(record(5, 2).view());
  std::string rows;
  table.for_each({}, [&](Bytes row) {
    for (const Field& field : table.plan().root.fields) rows += test::plain(field, row) + " ";
  });
  CHECK(rows == "secret 0102 2 secre 0102 1 ");
}

TEST_CASE("A length must be a number, and of something that has one") {
  CHECK(with(R"("text": {"length": "lenn"})").mistakes == "the length \"lenn\" is not a number field\n");
  CHECK(with(R"("text": {"length": "raw"})").mistakes == "the length \"raw\" is not a number field\n");
  CHECK(with(R"("used": {"length": "len"})").mistakes ==
        "\"length\" applies only to text, bytes and lists\n");
}
