// Names that an object has twice: each has a name of its own, or is refused.
#include "format/column.h"
#include "spec/output_spec.h"
#include "support/catch.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::BtfBuilder;

namespace {

std::string names(const Field& field) {
  std::string text;
  for (const Field& member : field.fields) text += member.path + " ";
  return text;
}

}  // namespace

TEST_CASE("Static variables of one name are told apart") {
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto calls = btf.variable("calls", u64);
  const auto another = btf.variable("calls", u64);
  const auto third = btf.variable("calls", u64);
  const auto bss = btf.section(".bss", 16, {{calls, 0, 8}, {another, 8, 8}});
  btf.section(".data", 8, {{third, 0, 8}});
  auto object = test::object_of(btf, {test::map_info(".bss", BPF_MAP_TYPE_ARRAY, 4, 16, 0, bss)});
  const TypeTable& types = object->types;
  CHECK(types.variable_names() == std::vector<std::string>{"calls", "calls#2", "calls#3"});
  CHECK(types.find_variable("calls").member->bit_offset == 0);
  CHECK(types.find_variable("calls#2").member->bit_offset == 64);
  CHECK(types.find_variable("calls#3").section->name == ".data");
}

TEST_CASE("Members of one name, also of anonymous structs, are told apart") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto inner = btf.structure("", 8, {{"a", u32, 0}, {"b", u32, 32}});
  btf.structure("event", 16, {{"a", u32, 0}, {"", inner, 32}, {"b", u32, 96}});
  const auto plan = test::ring_of(btf, R"("type": "struct event")");
  REQUIRE(plan.mistakes == "");
  CHECK(names(plan->root) == "a a#2 b b#2 ");
  CHECK(plan->find("a#2")->offset() == 4);
  CHECK(plan->find("b#2")->offset() == 12);
}

TEST_CASE("A record type that the object has twice is refused if they differ") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  btf.structure("event", 4, {{"a", u32, 0}});
  btf.structure("event", 4, {{"b", u32, 0}});
  btf.structure("same", 4, {{"a", u32, 0}});
  btf.structure("same", 4, {{"a", u32, 0}});
  CHECK(test::ring_of(btf, R"("type": "struct event")").mistakes ==
        "sample.bpf.o has several types \"struct event\", which differ\n");
  CHECK(test::ring_of(btf, R"("type": "struct same")").mistakes == "");
}

TEST_CASE("A member of a value that is called like the key has its path as its column's name") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto value = btf.structure("value", 8, {{"key", u32, 0}, {"n", u32, 32}});
  const auto plan = test::plan_of(
      test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_HASH, 4, 8, u32, value)}), R"({"name": "m"})");
  REQUIRE(plan.mistakes == "");
  Diagnostics diagnostics = test::no_diagnostics();
  std::string columns;
  for (const Column& column : compile_columns(OutputSpec(), *plan, true, diagnostics))
    columns += column.name + " ";
  CHECK(columns == "key value.key n ");
}
