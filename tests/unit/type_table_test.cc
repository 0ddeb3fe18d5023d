#include "object/type_table.h"

#include "support/catch.h"
#include "support/error.h"
#include "unit/btf_builder.h"

using namespace probe_run;
using test::BtfBuilder;

TEST_CASE("An empty BTF has no types") {
  const TypeTable table(BtfBuilder().build());
  CHECK(table.by_id(0) == nullptr);
  CHECK(table.by_id(1) == nullptr);
  CHECK(table.find("int") == nullptr);
  CHECK(table.struct_names().empty());
}

TEST_CASE("Integers have a size, a sign and a name") {
  BtfBuilder btf;
  const auto id = btf.integer("long", 8, BTF_INT_SIGNED);
  const auto flag = btf.integer("_Bool", 1, BTF_INT_BOOL);
  const TypeTable table(btf.build());
  const Type& type = *table.by_id(id);
  CHECK(type.kind == Type::Kind::integer);
  CHECK(type.size == 8);
  CHECK(type.bits == 64);
  CHECK(type.is_signed);
  CHECK_FALSE(type.is_bool);
  CHECK(table.by_id(flag)->is_bool);
  CHECK(table.find("long") == &type);
}

TEST_CASE("Types are written as in C") {
  BtfBuilder btf;
  const auto integer = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto array = btf.array(integer, 16);
  const auto event = btf.structure("event", 4, {{"a", integer, 0}});
  const auto pointer = btf.pointer(event);
  const auto to_void = btf.pointer(0);
  const auto anonymous = btf.union_of("", 4, {});
  const auto alias = btf.type_def("event_t", btf.constant(event));
  const auto qualified = btf.constant(integer);
  const auto matrix = btf.array(array, 2);
  const auto state = btf.enumeration("state", 4, {});
  const auto forward = btf.forward("task_struct");
  const auto real = btf.floating("double", 8);
  const TypeTable table(btf.build());
  const auto text = [&](std::uint32_t id) { return to_text(*table.by_id(id)); };
  CHECK(text(integer) == "int");
  CHECK(text(array) == "int[16]");
  CHECK(text(event) == "struct event");
  CHECK(text(pointer) == "struct event *");
  CHECK(text(to_void) == "void *");
  CHECK(text(anonymous) == "union (anonymous)");
  CHECK(text(alias) == "event_t");
  CHECK(text(qualified) == "int");
  CHECK(text(state) == "enum state");
  CHECK(text(forward) == "task_struct");
  CHECK(text(real) == "double");
  // For an array of two arrays of 16, C writes the outer bound first.
  CHECK(text(matrix) == "int[2][16]");
}

TEST_CASE("An array has the size of its elements") {
  BtfBuilder btf;
  const auto pair = btf.structure("pair", 12, {});
  const auto row = btf.array(btf.type_def("pair_t", pair), 5);
  const auto matrix = btf.array(row, 3);
  const auto flexible = btf.array(pair, 0);
  const TypeTable table(btf.build());
  CHECK(table.by_id(row)->size == 60);
  CHECK(table.by_id(matrix)->size == 180);
  CHECK(table.by_id(flexible)->size == 0);
}

TEST_CASE("An alias is resolved to its type") {
  BtfBuilder btf;
  const auto integer = btf.integer("unsigned int", 4);
  const auto alias = btf.constant(btf.type_def("u32", btf.type_def("__u32", integer)));
  const TypeTable table(btf.build());
  CHECK(&strip(*table.by_id(alias)) == table.by_id(integer));
  CHECK(table.by_id(alias)->size == 4);
}

TEST_CASE("Members have an offset in bits, and bitfields a size") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto plain = btf.structure("plain", 8, {{"a", u32, 0}, {"b", u32, 32}});
  const auto packed = btf.structure("packed", 4, {{"a", u32, 0, 3}, {"b", u32, 3, 29}});
  const TypeTable table(btf.build());
  CHECK(table.by_id(plain)->members[1].bit_offset == 32);
  CHECK(table.by_id(plain)->members[1].bit_size == 0);
  CHECK(table.by_id(packed)->members[1].bit_offset == 3);
  CHECK(table.by_id(packed)->members[1].bit_size == 29);
  CHECK(table.by_id(packed)->members[1].name == "b");
}

TEST_CASE("An enum is signed when it is marked so or has a negative value") {
  BtfBuilder btf;
  const auto natural = btf.enumeration("natural", 4, {{"A", 1}});
  const auto negative = btf.enumeration("negative", 4, {{"A", 0}, {"B", -5}});
  const auto small = btf.enumeration("small", 1, {{"A", 200}});
  const auto small_negative = btf.enumeration("small_negative", 1, {{"A", 0}, {"B", -128}});
  const TypeTable table(btf.build());
  CHECK_FALSE(table.by_id(natural)->is_signed);
  CHECK(table.by_id(negative)->is_signed);
  CHECK(static_cast<std::int64_t>(table.by_id(negative)->enumerators[1].value) == -5);
  CHECK_FALSE(table.by_id(small)->is_signed);
  CHECK(table.by_id(small_negative)->is_signed);
  CHECK(static_cast<std::int64_t>(table.by_id(small_negative)->enumerators[1].value) == -128);

  BtfBuilder newer;
  const auto marked = newer.enumeration("marked", 4, {{"A", 1}}, true);
  CHECK(TypeTable(newer.build()).by_id(marked)->is_signed);
}

TEST_CASE("An enum that is not marked as signed is unsigned where its compiler marks others") {
  for (const bool by_mark : {true, false}) {
    BtfBuilder btf;
    const auto flags = btf.enumeration("flags", 4, {{"NONE", 0}, {"TOP", 0x80000000}});
    if (by_mark) {
      btf.enumeration("marked", 4, {{"A", -1}}, true);
    } else {
      btf.enumeration64("wide", {{"A", 1}});
    }
    CAPTURE(by_mark);
    const TypeTable table(btf.build());
    CHECK_FALSE(table.by_id(flags)->is_signed);
    CHECK(table.by_id(flags)->enumerators[1].value == 0x80000000);
  }
}

TEST_CASE("An enum of 64 bits keeps all of them") {
  BtfBuilder btf;
  const auto id = btf.enumeration64("big", {{"A", 0x1'2345'6789}, {"B", -1}}, true);
  const TypeTable table(btf.build());
  CHECK(table.by_id(id)->size == 8);
  CHECK(table.by_id(id)->enumerators[0].value == 0x1'2345'6789);
  CHECK(table.by_id(id)->enumerators[1].value == ~std::uint64_t{0});
}

TEST_CASE("A type is found by its keyword and name, or by its name alone") {
  BtfBuilder btf;
  const auto structure = btf.structure("event", 4, {});
  const auto union_id = btf.union_of("event", 8, {});
  const auto enum_id = btf.enumeration("event", 4, {});
  const auto alias = btf.type_def("event_t", structure);
  const TypeTable table(btf.build());
  CHECK(table.find("struct event") == table.by_id(structure));
  CHECK(table.find("union event") == table.by_id(union_id));
  CHECK(table.find("enum event") == table.by_id(enum_id));
  CHECK(table.find("event_t") == table.by_id(alias));
  CHECK(table.find("event") == table.by_id(structure));
  CHECK(table.find("struct") == nullptr);
  CHECK(table.find("struct ") == nullptr);
  CHECK(table.find("") == nullptr);
  CHECK(table.find("struct even") == nullptr);
}

TEST_CASE("Variables are found in their section") {
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto first = btf.variable("first", u64);
  const auto drops = btf.variable("drops", u64);
  btf.section(".bss", 16, {{first, 0, 8}, {drops, 8, 8}});
  btf.section("license", 4, {{btf.variable("LICENSE", u64), 0, 4}});
  const TypeTable table(btf.build());
  const TypeTable::Variable found = table.find_variable("drops");
  REQUIRE(found.section != nullptr);
  CHECK(found.section->name == ".bss");
  CHECK(found.member->bit_offset == 64);
  CHECK(table.find_variable("drop").section == nullptr);
  CHECK(table.find_variable("LICENSE").section == nullptr);
  CHECK(table.variable_names() == std::vector<std::string>{"first", "drops"});
}

TEST_CASE("Only char in its three spellings is a character") {
  BtfBuilder btf;
  const auto plain = btf.integer("char", 1, BTF_INT_SIGNED);
  const auto without_sign = btf.integer("unsigned char", 1);
  const auto number = btf.type_def("__u8", without_sign);
  const auto letter = btf.type_def("letter_t", without_sign);
  const auto flag = btf.integer("_Bool", 1, BTF_INT_BOOL);
  const TypeTable table(btf.build());
  CHECK(is_character(*table.by_id(plain)));
  CHECK(is_character(*table.by_id(without_sign)));
  CHECK(is_character(*table.by_id(letter)));
  CHECK_FALSE(is_character(*table.by_id(number)));
  CHECK_FALSE(is_character(*table.by_id(flag)));
}

TEST_CASE("A table that is moved keeps its types where they were") {
  BtfBuilder btf;
  const auto integer = btf.integer("int", 4);
  const auto alias = btf.type_def("word", integer);
  TypeTable first(btf.build());
  const Type* const before = first.by_id(alias);
  const TypeTable second = std::move(first);
  CHECK(second.by_id(alias) == before);
  CHECK(second.by_id(alias)->target == second.by_id(integer));
}
