// "types": the records of one stream may have several types. Plan::fit says whether a record fits.
#include "support/catch.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

// struct head { u32 kind; u32 pid; }                               8 bytes
// struct open { struct head's members; s64 ts; char path[16]; }    32
// struct exit { struct head's members; u32 code; u32 pad; }        16
// struct data { struct head's members; u16 size; u8 bytes[]; }     10
BtfBuilder types() {
  BtfBuilder btf;
  const auto u8 = btf.type_def("u8", btf.integer("unsigned char", 1));
  const auto u16 = btf.integer("unsigned short", 2);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto s64 = btf.integer("long long", 8, BTF_INT_SIGNED);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  btf.structure("head", 8, {{"kind", u32, 0}, {"pid", u32, 32}});
  btf.structure(
      "open", 32,
      {{"kind", u32, 0}, {"pid", u32, 32}, {"ts", s64, 64}, {"path", btf.array(character, 16), 128}});
  btf.structure("exit", 16, {{"kind", u32, 0}, {"pid", u32, 32}, {"code", u32, 64}, {"ts", u32, 96}});
  btf.structure("data", 10,
                {{"kind", u32, 0}, {"pid", u32, 32}, {"size", u16, 64}, {"bytes", btf.array(u8, 0), 80}});
  return btf;
}

test::SpecPlan several(const std::string& more = "") {
  return test::ring_of(types(), R"("type": "struct head", "types": [
      {"type": "struct open", "when": {"kind": 1}},
      {"type": "struct exit", "when": {"kind": [2, 3]}},
      {"type": "struct data", "when": {"kind": 4}}])" +
                                    more);
}

RecordBytes of_kind(std::uint32_t kind, std::size_t size) {
  RecordBytes bytes;
  for (std::size_t i = 0; i < size; ++i) {
    bytes.u8(static_cast<std::uint8_t>(i == 0 ? kind : i == 4 ? 77 : i < 8 ? 0 : i));
  }
  return bytes;
}

Fit fit(const test::SpecPlan& plan, std::uint32_t kind, std::size_t size, std::uint32_t slack = 0) {
  return plan->fit(of_kind(kind, size).view(), slack);
}

}  // namespace

TEST_CASE("Each record type is a separate field, which exists in records of that type") {
  const auto plan = several();
  REQUIRE(plan.mistakes == "");
  CHECK(test::plain(plan.field("open.pid"), of_kind(1, 32).view()) == "77");
  CHECK(test::plain(plan.field("open.pid"), of_kind(2, 32).view()) == "-");
  CHECK(test::plain(plan.field("exit.code"), of_kind(2, 16).view()) == "185207048");
  CHECK(test::plain(plan.field("exit.code"), of_kind(3, 16).view()) == "185207048");
  CHECK(test::plain(plan.field("exit"), of_kind(4, 16).view()) == "-");
  CHECK(test::plain(plan.field("kind"), of_kind(9, 16).view()) == "9");
}

TEST_CASE("A member of a single type is found by its name alone") {
  const auto plan = several();
  CHECK(plan->find("path") == plan->find("open.path"));
  CHECK(plan->find("code") == plan->find("exit.code"));
  CHECK(plan->find("ts") == nullptr);
  CHECK(plan->find("pid") == &plan->root.fields[1]);
  CHECK(plan->find("nothing") == nullptr);
}

TEST_CASE("A record is compared with the type that its number selects") {
  const auto plan = several();
  CHECK(fit(plan, 1, 32) == Fit::whole);
  CHECK(fit(plan, 1, 16) == Fit::whole);  // the end of the path need not be sent
  CHECK(fit(plan, 1, 15) == Fit::shorter);
  CHECK(fit(plan, 1, 33) == Fit::longer);
  CHECK(fit(plan, 2, 16) == Fit::whole);
  CHECK(fit(plan, 3, 15) == Fit::shorter);
  CHECK(fit(plan, 3, 17) == Fit::longer);
  CHECK(fit(plan, 4, 10) == Fit::whole);
  CHECK(fit(plan, 4, 5000) == Fit::whole);
  CHECK(fit(plan, 4, 9) == Fit::shorter);
  CHECK(fit(plan, 9, 16) == Fit::unknown);
  CHECK(fit(plan, 9, 7) == Fit::shorter);
  CHECK(plan->fit({}, 0) == Fit::shorter);
}

TEST_CASE("Bytes that the kernel appends to a record do not make it longer") {
  const auto plan = several();
  CHECK(fit(plan, 2, 23, 7) == Fit::whole);
  CHECK(fit(plan, 2, 24, 7) == Fit::longer);
  CHECK(fit(plan, 2, 15, 7) == Fit::shorter);
}

TEST_CASE("Fields of a record type have renderers and conditions") {
  const auto plan = several(R"(, "fields": {"open.ts": {"as": "duration"}, "code": {"as": "hex"},
      "path": {"when": {"pid": 77}}})");
  REQUIRE(plan.mistakes == "");
  CHECK(test::plain(plan.field("exit.code"), of_kind(2, 16).view()) == "0xb0a0908");
  CHECK(test::plain(plan.field("open.ts"), of_kind(2, 16).view()) == "-");
  CHECK(test::plain(plan.field("path"), of_kind(2, 32).view()) == "-");
  CHECK(present(plan.field("path"), of_kind(1, 32).view()));
}

TEST_CASE("A record type is selected by the common start of all records, not by members of another type") {
  CHECK(test::ring_of(types(), R"("type": "struct head", "types": [
      {"type": "struct open", "when": {"kind": 1}}, {"type": "struct exit", "when": {"path": 1}}])")
            .mistakes == "unknown field \"path\"\n");
  CHECK(test::ring_of(types(), R"("type": "struct head", "types": [
      {"type": "struct exit", "when": {"kind": 1}}, {"type": "struct open", "when": {"code": 1}}])")
            .mistakes == "unknown field \"code\"\n");
}

TEST_CASE("Invalid record types are reported") {
  const auto mistakes = [](const std::string& list) {
    return test::ring_of(types(), R"("type": "struct head", "types": [)" + list + "]").mistakes;
  };
  CHECK(mistakes(R"({"type": "struct opne", "when": {"kind": 1}})") ==
        "sample.bpf.o has no type \"struct opne\"\n");
  CHECK(
      mistakes(
          R"({"type": "struct open", "when": {"kind": 1}}, {"type": "struct open", "when": {"kind": 2}})") ==
      "duplicate field \"open\"\n");
  CHECK(mistakes(R"({"type": "u8", "when": {"kind": 1}})") == "u8 is not a struct\n");
  CHECK(mistakes(R"({"type": "struct open", "when": {}})") == "\"struct open\" has no \"when\"\n");
  CHECK(mistakes(R"({"type": "struct open", "when": {"kind": 4294967296}})") ==
        "the field \"kind\" cannot be 4294967296: it has 32 bits and is unsigned\n");
  CHECK(test::ring_of(types(), R"("types": [{"type": "struct open", "when": {"kind": 1}}])").mistakes ==
        "\"types\" needs a \"type\" with which all the records begin\n");
}

TEST_CASE("A record is complete if a condition excludes what it is too short for") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto arm = btf.union_of("", 16, {{"small", u32, 0}, {"large", btf.array(u64, 2), 0}});
  btf.structure("event", 24, {{"kind", u32, 0}, {"", arm, 64}});
  const auto plan = test::ring_of(btf, R"("type": "struct event", "fields": {
      "small": {"when": {"kind": 1}}, "large": {"when": {"kind": 2}}})");
  REQUIRE(plan.mistakes == "");
  CHECK(fit(plan, 1, 12) == Fit::whole);
  CHECK(fit(plan, 1, 11) == Fit::shorter);
  CHECK(fit(plan, 2, 12) == Fit::shorter);
  CHECK(fit(plan, 2, 23) == Fit::shorter);
  CHECK(fit(plan, 2, 24) == Fit::whole);
  CHECK(fit(plan, 3, 4) == Fit::whole);
  CHECK(fit(plan, 1, 24) == Fit::whole);
  CHECK(fit(plan, 1, 25) == Fit::longer);
}

TEST_CASE("A flexible field makes a record longer only while it does not exist") {
  const auto plan =
      test::ring_of({}, R"("layout": [{"name": "kind", "type": "u32"}, {"name": "rest", "type": "u8[]"}],
      "fields": {"rest": {"when": {"kind": 1}}})");
  REQUIRE(plan.mistakes == "");
  CHECK(fit(plan, 1, 4) == Fit::whole);
  CHECK(fit(plan, 1, 400) == Fit::whole);
  CHECK(fit(plan, 2, 4) == Fit::whole);
  CHECK(fit(plan, 2, 5) == Fit::longer);
  CHECK(fit(plan, 2, 400) == Fit::longer);
}

TEST_CASE("A struct at the end may end with a flexible array") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto inner = btf.structure("inner", 4, {{"n", u32, 0}, {"items", btf.array(u32, 0), 32}});
  btf.structure("event", 8, {{"kind", u32, 0}, {"inner", inner, 32}});
  const auto plan = test::ring_of(btf, R"("type": "struct event")");
  CHECK(fit(plan, 1, 8) == Fit::whole);
  CHECK(fit(plan, 1, 80) == Fit::whole);
  CHECK(fit(plan, 1, 7) == Fit::shorter);
}

TEST_CASE("The record types of a union inside one type have arms of their own length") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  btf.structure("head", 4, {{"kind", u32, 0}});
  const auto arm = btf.union_of("", 8, {{"small", u32, 0}, {"large", u64, 0}});
  btf.structure("body", 16, {{"kind", u32, 0}, {"sub", u32, 32}, {"", arm, 64}});
  const auto plan =
      test::ring_of(btf, R"("type": "struct head", "types": [{"type": "struct body", "when": {"kind": 1}}],
      "fields": {"body.small": {"when": {"sub": 77}}, "body.large": {"when": {"sub": 78}}})");
  REQUIRE(plan.mistakes == "");
  CHECK(fit(plan, 1, 12) == Fit::whole);  // of_kind() has 77 there
  CHECK(fit(plan, 1, 11) == Fit::shorter);
  CHECK(fit(plan, 2, 12) == Fit::unknown);
}

TEST_CASE("The elements of a record type's array are found without its name") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto hop = btf.structure("hop", 8, {{"family", u32, 0}, {"v4", u32, 32}});
  btf.structure("head", 4, {{"kind", u32, 0}});
  btf.structure("route", 20, {{"kind", u32, 0}, {"hops", btf.array(hop, 2), 32}});
  for (const char* decider : {"family", "hops[].family", "route.hops[].family"}) {
    CAPTURE(decider);
    const auto plan =
        test::ring_of(btf, R"("type": "struct head", "types": [{"type": "struct route", "when": {"kind": 1}}],
        "fields": {"hops[].v4": {"as": "hex", "when": {")" +
                               std::string(decider) + R"(": 2}}})");
    REQUIRE(plan.mistakes == "");
    RecordBytes bytes;
    bytes.u32(1).u32(2).u32(10).u32(3).u32(10);
    CHECK(test::plain(plan.field("route.hops"), bytes.view()) == "[{family=2, v4=0xa}, {family=3}]");
  }
  CHECK(
      test::ring_of(btf, R"("type": "struct route", "fields": {"hops[].v4": {"when": {"ops[].family": 2}}})")
          .mistakes == "unknown field \"ops[].family\"\n");
}
