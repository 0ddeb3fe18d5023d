#include "source/drop_counter.h"

#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

// An object with variables `dropped` (u64, .bss at 8) and `stats` (a struct, .data at 0), an array map
// `drops` of struct stats, and a hash map.
std::unique_ptr<ObjectDescription> some_object() {
  test::BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto stats = btf.structure(
      "stats", 16, {{"sent", u64, 0}, {"full", btf.type_def("u32", u32), 64}, {"low", u32, 96}});
  const auto bits = btf.structure("bits", 4, {{"few", u32, 0, 4}, {"many", u32, 4, 28}});
  const auto pid = btf.variable("pid", u32);
  const auto dropped = btf.variable("dropped", u64);
  const auto global = btf.variable("stats", stats);
  const auto flags = btf.variable("flags", bits);
  btf.section(".bss", 16, {{pid, 0, 4}, {dropped, 8, 8}});
  btf.section(".data", 20, {{global, 0, 16}, {flags, 16, 4}});
  return test::object_of(btf, {test::map_info("drops", BPF_MAP_TYPE_PERCPU_ARRAY, 4, 16, u32, stats),
                               test::map_info("count", BPF_MAP_TYPE_ARRAY, 4, 8, u32, u64),
                               test::map_info("by_pid", BPF_MAP_TYPE_HASH, 4, 8, u32, u64)});
}

// "map offset size", or the mistake.
std::string place(const std::string& name) {
  Diagnostics diagnostics = test::no_diagnostics();
  const auto object = some_object();
  const auto found = find_drop_counter(test::located(name), *object, diagnostics);
  if (!found) return test::whats(diagnostics);
  return (found->is_section ? "section " : "map ") + found->map + " " + std::to_string(found->offset) + "+" +
         std::to_string(found->size);
}

}  // namespace

TEST_CASE("A global variable is a counter") {
  CHECK(place("dropped") == "section .bss 8+8");
  CHECK(place("pid") == "section .bss 0+4");
}

TEST_CASE("A member of a global variable is a counter") {
  CHECK(place("stats.sent") == "section .data 0+8");
  CHECK(place("stats.full") == "section .data 8+4");
}

TEST_CASE("The number in an array map is a counter") {
  CHECK(place("count") == "map count 0+8");
}

TEST_CASE("A member of an array map's value is a counter") {
  CHECK(place("drops.full") == "map drops 8+4");
  CHECK(place("drops.low") == "map drops 12+4");
}

TEST_CASE("A variable or member that does not exist is not a counter") {
  CHECK(place("droped") == "sample.bpf.o has no counter \"droped\"\n");
  CHECK(place("drops.ful") == "struct stats has no member \"ful\"\n");
  CHECK(place("") == "sample.bpf.o has no counter \"\"\n");
}

TEST_CASE("A value that is not a number is not a counter") {
  CHECK(place("stats") == "\"stats\" is not a number but struct stats\n");
  CHECK(place("drops") == "\"drops\" is not a number but struct stats\n");
}

TEST_CASE("A hash map and a bitfield are not counters") {
  CHECK(place("by_pid") == "sample.bpf.o has no counter \"by_pid\"\n");
  CHECK(place("flags.few") == "struct bits has no member \"few\"\n");
}
