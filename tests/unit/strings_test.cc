// "as": "strings": texts with NULs between them, and nothing that is after them.
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

// { u32 len; char args[16]; u8 raw[8]; char rest[]; }
test::SpecPlan with(const std::string& fields) {
  BtfBuilder btf;
  const auto u8 = btf.type_def("u8", btf.integer("unsigned char", 1));
  const auto u32 = btf.integer("unsigned int", 4);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  btf.structure("event", 28,
                {{"len", u32, 0},
                 {"args", btf.array(character, 16), 4 * 8},
                 {"raw", btf.array(u8, 8), 20 * 8},
                 {"rest", btf.array(character, 0), 28 * 8}});
  return test::ring_of(btf, R"("type": "struct event", "fields": {)" + fields + "}");
}

RecordBytes record(std::uint32_t length, std::string_view args, std::string_view rest = {}) {
  RecordBytes bytes;
  return bytes.u32(length).text(args, 16).text(std::string_view("x\0yz\0\0\0", 8), 8).text(rest, rest.size());
}

std::string json(const Field& field, const RecordBytes& bytes) {
  TextBuffer out;
  append_json(field, bytes.view(), {}, out);
  return std::string(out.view());
}

constexpr std::string_view ls("ls\0-l\0/tmp/a b", 14);
const std::string by_len = R"("args": {"as": "strings", "length": "len"})";
const std::string padded_with_nul =
    R"("args": {"as": "strings"}, "raw": {"as": "strings"}, "rest": {"as": "strings"})";

}  // namespace

TEST_CASE("Strings are a list in JSON, and joined by blanks elsewhere") {
  const auto plan = with(padded_with_nul);
  REQUIRE(plan.mistakes == "");
  CHECK(json(plan.field("args"), record(0, ls)) == R"(["ls","-l","/tmp/a b"])");
  CHECK(test::plain(plan.field("args"), record(0, ls).view()) == "ls -l /tmp/a b");
  CHECK(json(plan.field("raw"), record(0, ls)) == R"(["x","yz"])");
  CHECK(json(plan.field("rest"), record(0, ls, std::string_view("one\0two", 7))) == R"(["one","two"])");
  CHECK(json(plan.field("rest"), record(0, ls)) == "[]");
  // Without a NUL at the end of the field, with a newline and a quote in it.
  CHECK(json(plan.field("args"), record(0, "0123456\n\"abcdef\xff")) == R"(["0123456\n\"abcdef)"
                                                                        "\xef\xbf\xbd"
                                                                        R"("])");
  CHECK(json(plan.field("args"), record(0, "")) == "[]");
  // An empty text between others is one.
  CHECK(json(plan.field("args"), record(0, std::string_view("a\0\0b", 4))) == R"(["a","","b"])");
}

TEST_CASE("Strings with a length have all texts in it, also empty ones, and none after it") {
  const auto plan = with(by_len);
  REQUIRE(plan.mistakes == "");
  const auto shown = [&](std::uint32_t length) { return json(plan.field("args"), record(length, ls)); };
  CHECK(shown(0) == "[]");
  CHECK(shown(3) == R"(["ls"])");
  CHECK(shown(2) == R"(["ls"])");
  CHECK(shown(5) == R"(["ls","-l"])");
  CHECK(shown(9) == R"(["ls","-l","/tm"])");
  CHECK(json(plan.field("args"), record(4, std::string_view("a\0\0\0", 4))) == R"(["a","",""])");
  CHECK(json(plan.field("args"), record(99, ls)) == R"(["ls","-l","/tmp/a b",""])");
}

TEST_CASE("A record that ends within its strings has those that are there") {
  const auto plan = with(padded_with_nul);
  RecordBytes bytes;
  bytes.u32(0).text(std::string_view("ls\0-", 4), 4);
  CHECK(json(plan.field("args"), bytes) == R"(["ls","-"])");
}

TEST_CASE("A condition holds for strings if it does for one of them") {
  const auto plan = with(by_len);
  const auto passes = [&](const std::string& where, std::uint32_t length) {
    Diagnostics diagnostics = test::no_diagnostics();
    Filter filter(test::located(where), *plan, diagnostics);
    REQUIRE(test::whats(diagnostics) == "");
    return filter.passes(record(length, ls).view(), {});
  };
  CHECK(passes("args == '-l'", 14));
  CHECK(passes("args glob '/tmp/*'", 14));
  CHECK_FALSE(passes("args == 'ls -l'", 14));
  CHECK_FALSE(passes("args == '-l'", 3));
  CHECK_FALSE(passes("args == ''", 14));
}

TEST_CASE("Records that differ only after their strings are one group") {
  const auto plan = with(by_len);
  GroupTable table({&plan.field("args")}, {{"n"}}, 10);
  table.add(record(5, ls).view());
  table.add(record(5, std::string_view("ls\0-l\0other", 11)).view());
  std::string rows;
  table.for_each({}, [&](Bytes row) {
    for (const Field& field : table.plan().root.fields) rows += test::plain(field, row) + " ";
  });
  CHECK(rows == "ls -l 2 ");
}
