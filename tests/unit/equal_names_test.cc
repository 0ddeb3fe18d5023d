// Names that an object has twice: each has a name of its own, or is refused.
#include "format/column.h"
#include "object/type_choice.h"
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

TEST_CASE("Types that are nested deeper than a compiler writes are compared in bounded time and depth") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto chain = [&] {
    auto inner = btf.structure("s", 4, {{"s", u32, 0}});
    for (int depth = 0; depth < 200'000; ++depth) inner = btf.structure("s", 4, {{"s", inner, 0}});
    return inner;
  };
  btf.structure("evil", 4, {{"s", chain(), 0}});
  btf.structure("evil", 4, {{"s", chain(), 0}});
  CHECK(test::ring_of(btf, R"("type": "struct evil")").mistakes ==
        "sample.bpf.o has 2 types \"struct evil\" with different contents\n");
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

TEST_CASE("A type that the object has twice is refused, or told apart by its number, if they differ") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  btf.structure("event", 4, {{"a", u32, 0}});
  btf.structure("event", 16, {{"b", u64, 0}, {"c", u32, 64}});
  btf.structure("event", 4, {{"a", u32, 0}});
  btf.structure("same", 4, {{"a", u32, 0}});
  btf.structure("same", 4, {{"a", u32, 0}});
  // The difference may be in a member.
  const auto red = btf.enumeration("color", 4, {{"RED", 1}});
  const auto green = btf.enumeration("color", 4, {{"GREEN", 1}});
  btf.structure("deep", 4, {{"color", red, 0}});
  btf.structure("deep", 4, {{"color", green, 0}});
  btf.union_of("either", 4, {{"a", u32, 0}});
  btf.union_of("either", 4, {{"b", u32, 0}});
  btf.type_def("named", u32);
  btf.type_def("named", u64);
  const auto mistakes = [&](const std::string& keys) { return test::ring_of(btf, keys).mistakes; };
  CHECK(mistakes(R"("type": "struct event")") ==
        "sample.bpf.o has 2 types \"struct event\" with different contents\n");
  CHECK(mistakes(R"("type": "event")") == "sample.bpf.o has 2 types \"event\" with different contents\n");
  CHECK(mistakes(R"("type": "struct same")") == "");
  CHECK(mistakes(R"("type": "struct deep")") ==
        "sample.bpf.o has 2 types \"struct deep\" with different contents\n");
  CHECK(mistakes(R"("type": "union either")") ==
        "sample.bpf.o has 2 types \"union either\" with different contents\n");
  CHECK(mistakes(R"("type": "named")") == "sample.bpf.o has 2 types \"named\" with different contents\n");
  CHECK(mistakes(R"("layout": [{"name": "c", "type": "enum color"}])") ==
        "sample.bpf.o has 2 types \"enum color\" with different contents\n");
  CHECK(mistakes(R"("layout": [{"name": "c", "type": "enum color#2[3]"}])") == "");
  CHECK(mistakes(R"("type": "struct event#3")") ==
        "sample.bpf.o has 2 types \"struct event\", but no number 3\n");
  CHECK(mistakes(R"("type": "struct same#2")") == "sample.bpf.o has only one type \"struct same\"\n");

  const auto object = test::object_of(btf, {});
  CHECK(choose_type(*object, "struct event").hint ==
        "use \"struct event#1\" (4 bytes: a) or \"struct event#2\" (16 bytes: b, c)");
  const auto second = test::ring_of(btf, R"("type": "struct event#2")");
  REQUIRE(second.mistakes == "");
  CHECK(names(second->root) == "b c ");
  CHECK(choose_type(*object, "enum color#1").type->enumerators[0].name == "RED");
  CHECK(choose_type(*object, "struct event#0").type == nullptr);
  CHECK(choose_type(*object, "struct none").what.empty());
}

TEST_CASE("Types that contain one another are compared without end") {
  BtfBuilder btf;
  // BTF from anywhere: a struct that has itself as a member, twice.
  btf.structure("loop", 8, {{"again", 1, 0}});
  btf.structure("loop", 8, {{"again", 2, 0}});
  const auto object = test::object_of(btf, {});
  CHECK(choose_type(*object, "struct loop").type != nullptr);
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
