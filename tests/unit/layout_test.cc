// "layout" and "key_layout": types that the spec lays out by hand.
#include "object/layout.h"

#include <linux/bpf.h>

#include "format/csv_format.h"
#include "support/catch.h"
#include "unit/fate.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

std::string member(const std::string& name, const std::string& type, int offset = -1) {
  return R"({"name": ")" + name + R"(", "type": ")" + type + '"' +
         (offset < 0 ? "" : R"(, "offset": )" + std::to_string(offset)) + "}";
}

test::SpecPlan laid_out(const std::string& members, const BtfBuilder& btf = {}) {
  return test::ring_of(btf, R"("layout": [)" + members + "]");
}

// Each member of the record with its offset and size, and the total size.
std::string places(const test::SpecPlan& plan) {
  if (!plan.mistakes.empty()) return plan.mistakes;
  std::string text;
  for (const Field& field : plan->root.fields) {
    text += field.name + "@" + std::to_string(field.offset()) + "+" + std::to_string(field.size) + " ";
  }
  return text + std::to_string(plan->size);
}

// A hash whose key has 12 bytes and whose value 8.
test::SpecPlan entries(const std::string& rest, std::uint32_t type = BPF_MAP_TYPE_HASH) {
  return test::plan_of(test::object_of({}, {test::map_info("m", type, 12, 8)}),
                       R"({"name": "m", )" + rest + "}");
}

}  // namespace

TEST_CASE("Members follow each other, aligned as in C") {
  CHECK(places(laid_out(member("a", "u8") + "," + member("b", "u32") + "," + member("c", "u16") + "," +
                        member("d", "s64"))) == "a@0+1 b@4+4 c@8+2 d@16+8 24");
  CHECK(places(laid_out(member("a", "u64") + "," + member("b", "u32"))) == "a@0+8 b@8+4 16");
  CHECK(places(laid_out(member("a", "char") + "," + member("b", "u128"))) == "a@0+1 b@16+16 32");
  CHECK(places(laid_out(member("a", "u8") + "," + member("b", "u16[3]"))) == "a@0+1 b@2+6 8");
}

TEST_CASE("A member may be at any offset, even overlapping another one") {
  CHECK(places(laid_out(member("a", "u32", 2) + "," + member("b", "u8") + "," + member("c", "u64", 1))) ==
        "a@2+4 b@6+1 c@1+8 16");
  CHECK(places(laid_out(member("a", "u8", 0))) == "a@0+1 1");
}

TEST_CASE("Every basic type of a layout has its size and sign") {
  const RecordBytes ones{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  const auto shown = [&](const std::string& type) {
    const auto plan = laid_out(member("f", type));
    return plan.mistakes.empty() ? test::plain(plan.field("f"), ones.view()) : plan.mistakes;
  };
  for (const char* type : {"u8", "__u8", "uint8_t", "unsigned char"}) CHECK(shown(type) == "255");
  for (const char* type : {"u16", "__u16", "uint16_t", "unsigned short"}) CHECK(shown(type) == "65535");
  for (const char* type : {"u32", "__u32", "uint32_t", "unsigned int"}) CHECK(shown(type) == "4294967295");
  for (const char* type : {"u64", "__u64", "uint64_t", "unsigned long", "unsigned long long"})
    CHECK(shown(type) == "18446744073709551615");
  for (const char* type :
       {"s8", "s16", "s32", "s64", "s128", "__s8", "__s16", "__s32", "__s64", "int8_t", "int16_t", "int32_t",
        "int64_t", "signed char", "short", "int", "long", "long long", "char"}) {
    CAPTURE(type);
    CHECK(shown(type) == "-1");
  }
  CHECK(shown("u128") == "340282366920938463463374607431768211455");
  CHECK(shown("bool") == "true");
  CHECK(shown("_Bool") == "true");
  CHECK(shown("float").find("nan") != std::string::npos);
  CHECK(shown("double").find("nan") != std::string::npos);
  CHECK(shown("void *") == "0xffffffffffffffff");
}

TEST_CASE("Arrays of char are text, arrays of u8 are numbers") {
  RecordBytes bytes;
  bytes.text("ab", 4);
  CHECK(test::plain(laid_out(member("f", "char[4]")).field("f"), bytes.view()) == "ab");
  CHECK(test::plain(laid_out(member("f", "u8[4]")).field("f"), bytes.view()) == "[97, 98, 0, 0]");
}

TEST_CASE("Arrays of arrays are in C order") {
  const auto plan = laid_out(member("f", "u8[2][3]"));
  REQUIRE(plan.mistakes == "");
  CHECK(test::plain(plan.field("f"), RecordBytes{1, 2, 3, 4, 5, 6}.view()) == "[[1, 2, 3], [4, 5, 6]]");
  CHECK(test::plain(laid_out(member("f", " u16 [2] ")).field("f"), RecordBytes{1, 0, 2, 0}.view()) ==
        "[1, 2]");
}

TEST_CASE("An array without a length takes the rest of the record") {
  const auto plan = laid_out(member("n", "u32") + "," + member("f", "u16[]"));
  REQUIRE(plan.mistakes == "");
  CHECK(test::plain(plan.field("f"), RecordBytes{0, 0, 0, 0, 1, 0, 2, 0, 3}.view()) == "[1, 2]");
  CHECK(test::plain(laid_out(member("f", "u8[][2]")).field("f"), RecordBytes{1, 2, 3, 4, 5}.view()) ==
        "[[1, 2], [3, 4]]");
  CHECK(laid_out(member("f", "u8[]") + "," + member("g", "u8")).mistakes ==
        "no member can follow an array that takes the rest of the record\n");
}

TEST_CASE("A layout may use types of the object's BTF, with their alignment") {
  BtfBuilder btf;
  const auto u8 = btf.integer("unsigned char", 1);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto u32 = btf.type_def("count_t", btf.integer("unsigned int", 4));
  btf.structure("pair", 16, {{"a", u8, 0}, {"b", u64, 64}});
  btf.structure("packed", 9, {{"a", u8, 0}, {"b", u64, 8}});
  btf.enumeration("state", 4, {{"IDLE", 0}, {"BUSY", 1}});
  btf.structure("user", 4, {{"n", u32, 0}});
  CHECK(places(laid_out(member("x", "u8") + "," + member("p", "struct pair"), btf)) == "x@0+1 p@8+16 24");
  CHECK(places(laid_out(member("x", "u8") + "," + member("p", "struct packed[2]"), btf)) ==
        "x@0+1 p@1+18 19");
  CHECK(places(laid_out(member("x", "u8") + "," + member("c", "count_t"), btf)) == "x@0+1 c@4+4 8");
  const auto plan = laid_out(member("x", "u32") + "," + member("s", "enum state"), btf);
  CHECK(test::plain(plan.field("s"), RecordBytes{0, 0, 0, 0, 1, 0, 0, 0}.view()) == "BUSY");
  const auto nested = laid_out(member("p", "struct pair"), btf);
  RecordBytes bytes;
  CHECK(test::plain(nested.field("p.b"), bytes.u64(1).u64(5).view()) == "5");
}

TEST_CASE("A name that is not a type is reported") {
  const auto mistakes = [](const std::string& type) { return laid_out(member("f", type)).mistakes; };
  CHECK(mistakes("u23") == "type \"u23\" is not found\n");
  CHECK(mistakes("") == "type \"\" is not found\n");
  CHECK(mistakes("[4]") == "type \"\" is not found\n");
  CHECK(mistakes("struct nothing") == "type \"struct nothing\" is not found\n");
  for (const char* type : {"u8[", "u8[4", "u8]", "u8[0]", "u8[-1]", "u8[x]", "u8[4]x", "u8[4] [", "u8[2][]",
                           "u8[1][2]]", "u8[4294967296]", "u8[0x4]", "u8[4,4]", "u8[][]"}) {
    CAPTURE(type);
    const std::string said = mistakes(type);
    CHECK((said.find("is not an array type") != std::string::npos ||
           said.find("is not found") != std::string::npos));
  }
}

TEST_CASE("A type that is too large is reported") {
  CHECK(laid_out(member("f", "u8[67108865]")).mistakes == "\"u8[67108865]\" is larger than 64 MiB\n");
  CHECK(laid_out(member("f", "u64[4294967295]")).mistakes == "\"u64[4294967295]\" is larger than 64 MiB\n");
  CHECK(laid_out(member("f", "u64[65536][65536]")).mistakes ==
        "\"u64[65536][65536]\" is larger than 64 MiB\n");
  CHECK(laid_out(member("f", "u8[67108864]")).mistakes == "");
  CHECK(laid_out(member("f", "u8[67108864]") + "," + member("g", "u8")).mistakes ==
        "the member \"g\" would end beyond 64 MiB\n");
  CHECK(laid_out(R"({"name": "f", "type": "u8", "offset": 18446744073709551615})").mistakes ==
        "the member \"f\" would end beyond 64 MiB\n");
  CHECK(laid_out(R"({"name": "f", "type": "u8", "offset": 67108864})").mistakes ==
        "the member \"f\" would end beyond 64 MiB\n");
}

TEST_CASE("A member's name must be an identifier") {
  const std::string rule = "a member's name has letters, digits and \"_\" only\n";
  CHECK(laid_out(member("", "u8")).mistakes == rule);
  for (const char* name : {"a.b", "a[]", "a b", "a{b}", "\\u001b[31m", "a\\\"", "a\\nb", "\\u00e9"}) {
    CAPTURE(name);
    CHECK(laid_out(member(name, "u8")).mistakes == rule);
  }
  CHECK(laid_out(member("a", "u8") + "," + member("a", "u16")).mistakes ==
        "the member \"a\" appears twice\n");
}

TEST_CASE("Every mistake in a layout is reported, with those in the rest of the spec") {
  CHECK(
      laid_out(member("a", "u9") + "," + member("b b", "u8") + "," + member("c", "u8[0]")).mistakes ==
      "type \"u9\" is not found\na member's name has letters, digits and \"_\" only\n\"u8[0]\" is not an array "
      "type\n");
}

TEST_CASE("A layout describes a map's key and value") {
  const auto plan = entries(R"("key_layout": [{"name": "a", "type": "u64"}, {"name": "b", "type": "u32"}],
      "layout": [{"name": "hits", "type": "u32"}, {"name": "state", "type": "u8", "offset": 7}])");
  REQUIRE(plan.mistakes == "");
  RecordBytes entry;
  entry.u64(5).u32(6).u32(0).u32(9).u8(0).u8(0).u8(0).u8(3);
  CHECK(test::plain(plan.field("key"), entry.view()) == "{a=5, b=6}");
  CHECK(test::plain(plan.field("value"), entry.view()) == "{hits=9, state=3}");
  CHECK(test::plain(plan.field("hits"), entry.view()) == "9");
  CHECK(plan->size == 24);
}

TEST_CASE("A layout that is larger than the key or the value is an error") {
  CHECK(entries(R"("key_layout": [{"name": "a", "type": "u64"}, {"name": "b", "type": "u64"}])").mistakes ==
        "the layout has 16 bytes, but the key of the map \"m\" has 12\n");
  CHECK(entries(R"("layout": [{"name": "a", "type": "u8", "offset": 8}])").mistakes ==
        "the layout has 9 bytes, but the value of the map \"m\" has 8\n");
  CHECK(entries(R"("layout": [{"name": "a", "type": "u8[9]"}], "per_cpu": true)", BPF_MAP_TYPE_PERCPU_HASH)
            .mistakes == "the layout has 9 bytes, but the value of the map \"m\" has 8\n");
}

TEST_CASE("A layout of each CPU's value") {
  const auto plan = entries(R"("layout": [{"name": "a", "type": "u32"}, {"name": "b", "type": "u32"}],
      "per_cpu": true, "fields": {"value[].b": {"when": {"a": 1}}})",
                            BPF_MAP_TYPE_PERCPU_HASH);
  REQUIRE(plan.mistakes == "");
  RecordBytes entry;
  entry.zeros(16).u32(1).u32(2).u32(3).u32(4);
  CHECK(test::plain(plan.field("value"), entry.view()) == "[{a=1, b=2}, {a=3}]");
}

TEST_CASE("A layout may replace a type, for streams and for maps with keys") {
  CHECK(test::ring_of({}, R"("type": "struct event", "layout": [{"name": "a", "type": "u8"}])").mistakes ==
        "\"layout\" and \"type\" cannot be combined\n");
  CHECK(test::ring_of(
            {}, R"("key_layout": [{"name": "a", "type": "u8"}], "layout": [{"name": "a", "type": "u8"}])")
            .mistakes == "\"key_layout\" applies only to maps with keys\n");
}

TEST_CASE("Hostile layouts are refused quickly, with the reason") {
  const auto repeated = [](std::size_t count, const auto& make) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + make(i);
    return text;
  };
  std::string deep = "u8";
  for (int i = 0; i < 200'000; ++i) deep += "[1]";
  const std::vector<std::string> layouts{
      member("f", deep),
      repeated(60'000, [](std::size_t i) { return member("m" + std::to_string(i), "u8"); }),
      repeated(300, [](std::size_t) { return member("same", "u64[1]"); }),
      repeated(3000, [](std::size_t i) { return member("m" + std::to_string(i), "u64[8388608]", 0); }),
      member("f", std::string(1'000'000, '[')),
      member("f", "u8" + std::string(1'000'000, ' ') + "[")};
  for (const std::string& layout : layouts) {
    CAPTURE(layout.substr(0, 60));
    CHECK(test::fate([&](volatile unsigned&) {
            try {
              return laid_out(layout).mistakes.size() < 100'000'000;
            } catch (const Error&) {
              return true;
            }
          }) == "");
  }
}
