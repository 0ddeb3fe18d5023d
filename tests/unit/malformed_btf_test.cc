// BTF comes from objects and recordings, which may contain anything.
#include <random>

#include "object/type_table.h"
#include "support/catch.h"
#include "support/error.h"
#include "unit/fate.h"
#include "unit/sample_object.h"

using namespace probe_run;
using test::BtfBuilder;

namespace {

// Types of every kind.
BtfBuilder every_kind() {
  BtfBuilder btf = test::event_types();
  const auto u32 = btf.integer("__u32", 4);
  const auto big = btf.enumeration64("big", {{"HUGE", 0x1'0000'0000}, {"TINY", 1}});
  const auto either = btf.union_of("either", 8, {{"whole", big, 0}, {"half", btf.constant(u32), 0}});
  const auto list =
      btf.structure("list", 16, {{"next", btf.pointer(btf.forward("list")), 0}, {"", either, 64}});
  const auto count = btf.variable("count", btf.type_def("counter_t", u32));
  const auto lists = btf.variable("lists", btf.array(btf.array(list, 2), 3));
  btf.section(".bss", 100, {{count, 0, 4}, {lists, 4, 96}});
  return btf;
}

// Everything that the program does with a table. Returns a number that depends on all of it.
std::size_t walk(const TypeTable& table) {
  std::size_t sum = 0;
  for (const Type& type : table.all()) {
    sum += to_text(type).size() + strip(type).size + std::size_t{is_character(type)};
    for (const TypeMember& member : type.members) sum += to_text(*member.type).size();
    sum += std::size_t{table.find(type.name) != nullptr};
    sum += std::size_t{table.find("struct " + type.name) != nullptr};
    sum += std::size_t{table.find_variable(type.name).section != nullptr};
  }
  for (const std::string& name : table.struct_names()) sum += name.size();
  for (const std::string& name : table.variable_names()) sum += name.size();
  return sum;
}

// Compiles every type to fields, and prints a record of zeros.
std::size_t compile(const TypeTable& table) {
  std::size_t sum = 0;
  const std::vector<std::byte> record(200);
  for (const Type& type : table.all()) {
    try {
      sum += test::plain(compile_field("f", "f", type, 0), record).size();
    } catch (const Error&) {
      ++sum;  // too many fields
    }
  }
  return sum;
}

// The bytes in memory of their exact size, so that a sanitizer detects reads past their end.
std::size_t read_and_walk(const std::vector<std::byte>& bytes, bool with_fields) {
  try {
    const TypeTable table(std::vector<std::byte>(bytes.begin(), bytes.end()));
    return walk(table) + (with_fields ? compile(table) : 0);
  } catch (const Error&) {
    return 0;
  }
}

std::string problem(const BtfBuilder& btf) {
  try {
    TypeTable(btf.build());
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("BTF of every kind can be walked") {
  CHECK(read_and_walk(every_kind().build(), true) > 100);
}

TEST_CASE("BTF that ends anywhere is an error or a table that can be walked") {
  const std::vector<std::byte> whole = every_kind().build();
  CHECK(test::fate([&](volatile unsigned& step) {
          for (std::size_t size = 0; size < whole.size(); ++size) {
            step = static_cast<unsigned>(size);
            read_and_walk({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, true);
          }
          return true;
        }) == "");
}

TEST_CASE("Truncated BTF is always an error") {
  const std::vector<std::byte> whole = every_kind().build();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CAPTURE(size);
    CHECK_THROWS_AS(TypeTable(part), Error);
  }
}

TEST_CASE("BTF with any byte changed is an error or a table that can be walked") {
  const std::vector<std::byte> whole = every_kind().build();
  CHECK(test::fate([&](volatile unsigned& step) {
          std::mt19937 random(1);  // NOLINT(*-msc51-cpp): the same changes each time
          for (unsigned i = 0; i < 20'000; ++i) {
            step = i;
            std::vector<std::byte> changed = whole;
            changed[random() % changed.size()] = static_cast<std::byte>(random() & 0xff);
            read_and_walk(changed, false);
          }
          return true;
        }) == "");
}

TEST_CASE("BTF with any byte changed compiles to fields that can be printed, or not at all") {
  const std::vector<std::byte> whole = every_kind().build();
  CHECK(test::fate([&](volatile unsigned& step) {
          std::mt19937 random(2);  // NOLINT(*-msc51-cpp)
          for (unsigned i = 0; i < 3'000; ++i) {
            step = i;
            std::vector<std::byte> changed = whole;
            changed[random() % changed.size()] = static_cast<std::byte>(random() & 0xff);
            read_and_walk(changed, true);
          }
          return true;
        }) == "");
}

TEST_CASE("BTF of another byte order, version or kind is refused") {
  std::vector<std::byte> bytes = every_kind().build();
  bytes[2] = std::byte{9};
  CHECK_THROWS_WITH(TypeTable(bytes), "malformed BTF: its version 9 is unknown");
  bytes[0] = std::byte{0xeb}, bytes[1] = std::byte{0x9f};
  CHECK_THROWS_WITH(TypeTable(bytes), "malformed BTF: its byte order is not this machine's");
  bytes[0] = std::byte{0};
  CHECK_THROWS_WITH(TypeTable(bytes), "malformed BTF: it does not begin with the magic number of BTF");
}

TEST_CASE("A typedef of itself is refused") {
  BtfBuilder btf;
  btf.type_def("a", 2);
  btf.type_def("b", 1);
  CHECK(problem(btf).find("is nested too deeply") != std::string::npos);
}

TEST_CASE("An array of itself is refused") {
  BtfBuilder btf;
  btf.array(1, 2);
  CHECK(problem(btf).find("is nested too deeply") != std::string::npos);
}

TEST_CASE("A reference to a type that does not exist is refused") {
  BtfBuilder btf;
  btf.pointer(7);
  CHECK(problem(btf) == "malformed BTF: it refers to type 7, but has 2");
}

TEST_CASE("A name outside of the strings is refused") {
  BtfBuilder btf;
  btf.integer("int", 4);
  std::vector<std::byte> bytes = btf.build();
  bytes[sizeof(btf_header)] = std::byte{200};
  CHECK_THROWS_WITH(TypeTable(bytes), "malformed BTF: a name is outside its strings");
}

TEST_CASE("An array that is too large for any record, such as a map's max_entries, has size 0") {
  BtfBuilder btf;
  const auto number = btf.integer("int", 4);
  const auto entries = btf.pointer(btf.array(number, 1'000'000'000));
  btf.structure("map", 8, {{"max_entries", entries, 0}});
  const auto largest = btf.array(number, 0xffff'ffff);
  btf.structure("record", 4, {{"items", btf.array(largest, 0xffff'ffff), 0}, {"last", number, 0}});
  CHECK(problem(btf) == "none");
  CHECK(TypeTable(btf.build()).by_id(largest)->size == 0);
  CHECK(test::fate([&](volatile unsigned&) {
          read_and_walk(btf.build(), true);
          return true;
        }) == "");
}

TEST_CASE("A pointer to itself can be walked") {
  BtfBuilder btf;
  btf.pointer(1);
  CHECK(test::fate([&](volatile unsigned&) {
          read_and_walk(btf.build(), true);
          return true;
        }) == "");
}

TEST_CASE("A section with entries that are not variables can be walked") {
  BtfBuilder btf;
  const auto number = btf.integer("int", 4);
  btf.section(".bss", 8, {{number, 0, 4}, {0, 4, 4}});
  CHECK(test::fate([&](volatile unsigned&) {
          read_and_walk(btf.build(), true);
          return true;
        }) == "");
}

TEST_CASE("A struct that contains itself has too many fields") {
  BtfBuilder btf;
  btf.structure("loop", 8, {{"again", 1, 0}});
  CHECK(test::fate([&](volatile unsigned&) {
          const TypeTable table(btf.build());
          try {
            compile_field("f", "f", *table.by_id(1), 0);
            return false;
          } catch (const Error&) {
            return true;
          }
        }) == "");
}

TEST_CASE("Anonymous structs whose number grows exponentially are refused quickly") {
  BtfBuilder btf;
  auto inner = btf.structure("", 8, {});
  for (int i = 0; i < 26; ++i) inner = btf.structure("", 8, {{"", inner, 0}, {"", inner, 0}});
  const TypeTable table(btf.build());
  const Type& type = *table.by_id(inner);
  CHECK(test::fate([&](volatile unsigned&) {
          ::alarm(3);
          try {
            compile_field("f", "f", type, 0);
            return false;
          } catch (const Error&) {
            return true;
          }
        }) == "");
}

TEST_CASE("A struct that is so large that offsets of nested members overflow is refused") {
  BtfBuilder btf;
  const auto u64 = btf.integer("u64", 8);
  const auto inner = btf.structure("inner", 1u << 29, {{"a", u64, (1u << 31) - 64}});
  btf.structure("outer", 1u << 30, {{"in", inner, 1u << 31}});
  CHECK(problem(btf) == "malformed BTF: a struct has 536870912 bytes");
}

TEST_CASE("A bitfield of anything but an integer or an enum is refused") {
  BtfBuilder btf;
  const auto character = btf.integer("char", 1);
  btf.structure("event", 4, {{"text", btf.array(character, 100), 0, 8}});
  CHECK_THROWS_WITH(TypeTable(btf.build()),
                    "malformed BTF: the member \"text\" of struct event is a bitfield of char[100]");
}
