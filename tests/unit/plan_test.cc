#include "decode/plan.h"

#include "decode/printk_plan.h"
#include "spec/map_spec.h"
#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

// Each top-level field with its offset and size.
std::string layout(const Plan& plan) {
  std::string text;
  for (const Field& field : plan.root.fields) {
    text += field.name + "@" + std::to_string(field.offset()) + "+" + std::to_string(field.size) + " ";
  }
  return text;
}

}  // namespace

TEST_CASE("A plan has the fields of a stream's type") {
  const test::Compiled plan = test::event_plan();
  REQUIRE(plan.mistakes == "");
  CHECK(plan->size == 96);
  CHECK(layout(*plan) ==
        "ts@0+8 pid@8+4 ret@12+4 comm@16+16 net@32+4 state@36+4 mac@40+6 ok@46+1 load@48+8 counts@56+12 "
        "address@72+8 pairs@80+16 path@96+0 ");
}

TEST_CASE("Every field of a record is printed by its type") {
  const test::Compiled plan = test::event_plan();
  const RecordBytes record = test::event_record();
  const auto shown = [&](std::string_view path) { return test::plain(plan.field(path), record.view()); };
  CHECK(shown("ts") == "1970-01-01T00:00:01.500000000Z");
  CHECK(shown("pid") == "42");
  CHECK(shown("ret") == "-2");
  CHECK(shown("comm") == "bash");
  CHECK(shown("net") == "{port=443, low=5, high=22, pad=0}");
  CHECK(shown("net.high") == "22");
  CHECK(shown("state") == "BUSY");
  CHECK(shown("mac") == "02:42:ac:11:00:02");
  CHECK(shown("ok") == "true");
  CHECK(shown("load") == "0.25");
  CHECK(shown("counts") == "[7, 8, 9]");
  CHECK(shown("address") == "0xffff888000001234");
  CHECK(shown("pairs") == "[{a=1, b=one}, {a=2, b=two}]");
  CHECK(shown("path") == "/etc/passwd");
}

TEST_CASE("A field that the record is too short for is a dash") {
  const test::Compiled plan = test::event_plan();
  const RecordBytes record = test::event_record();
  CHECK(test::plain(plan.field("ret"), record.view().first(15)) == "-");
  CHECK(test::plain(plan.field("ret"), record.view().first(16)) == "-2");
}

TEST_CASE("A char array ends at its NUL, at its end, or at the record's") {
  const test::Compiled plan = test::event_plan();
  const RecordBytes record = test::event_record("sixteen letters!");
  CHECK(test::plain(plan.field("comm"), record.view()) == "sixteen letters!");
  CHECK(test::plain(plan.field("comm"), record.view().first(23)) == "sixteen");
  CHECK(test::plain(plan.field("comm"), record.view().first(16)) == "");
  CHECK(test::plain(plan.field("comm"), record.view().first(15)) == "-");
}

TEST_CASE("A flexible char array takes the rest of the record, up to a NUL") {
  const test::Compiled plan = test::event_plan();
  CHECK(test::plain(plan.field("path"), test::event_record("x", std::string(300, 'p')).view()) ==
        std::string(300, 'p'));
  CHECK(test::plain(plan.field("path"), test::event_record("x", std::string_view("ab\0cd", 5)).view()) ==
        "ab");
  CHECK(test::plain(plan.field("path"), test::event_record("x", "").view()) == "");
}

TEST_CASE("A flexible array of numbers has as many elements as fit in the record") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  btf.structure("list", 4, {{"n", u32, 0}, {"items", btf.array(u32, 0), 32}});
  const test::Compiled plan = test::stream_of(btf, "struct list");
  RecordBytes record;
  record.u32(9).u32(1).u32(2).u16(3);
  CHECK(test::plain(plan.field("items"), record.view()) == "[1, 2]");
  CHECK(test::plain(plan.field("items"), record.view().first(4)) == "[]");
}

TEST_CASE("The members of an anonymous struct or union are those of the outer one") {
  BtfBuilder btf;
  const auto u8 = btf.integer("unsigned char", 1);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto deep = btf.structure("", 4, {{"low", u8, 0}, {"high", u8, 24}});
  const auto either = btf.union_of("", 4, {{"whole", u32, 0}, {"", deep, 0}});
  const auto inner = btf.structure("inner", 8, {{"x", u32, 0}, {"", either, 32}});
  btf.structure("outer", 12, {{"id", u32, 0}, {"inner", inner, 32}});
  const test::Compiled plan = test::stream_of(btf, "struct outer");
  const RecordBytes record{1, 0, 0, 0, 2, 0, 0, 0, 0x78, 0x56, 0x34, 0x12};
  CHECK(plan->paths() ==
        std::vector<std::string>{"id", "inner", "inner.x", "inner.whole", "inner.low", "inner.high"});
  CHECK(test::plain(plan.field("inner.whole"), record.view()) == std::to_string(0x12345678));
  CHECK(test::plain(plan.field("inner.low"), record.view()) == std::to_string(0x78));
  CHECK(test::plain(plan.field("inner.high"), record.view()) == std::to_string(0x12));
}

TEST_CASE("Unnamed padding of bitfields is not a field") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  btf.structure("flags", 4, {{"a", u32, 0, 3}, {"", u32, 3, 5}, {"b", u32, 8, 4}});
  CHECK(test::stream_of(btf, "struct flags")->paths() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("Bitfields are read with their sign, wherever they begin") {
  BtfBuilder btf;
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto s64 = btf.integer("long long", 8, BTF_INT_SIGNED);
  btf.structure("bits", 16,
                {{"a", u64, 0, 4}, {"wide", s64, 4, 62}, {"flag", s64, 66, 1}, {"last", s64, 67, 5}});
  const test::Compiled plan = test::stream_of(btf, "struct bits");
  RecordBytes record;
  record.u64((std::uint64_t{static_cast<std::uint64_t>(-2)} << 4) | 0x9).u64(0b11110'1'11);
  CHECK(test::plain(plan.field("a"), record.view()) == "9");
  CHECK(plan.field("wide").slot.size == 9);
  CHECK(test::plain(plan.field("wide"), record.view()) == "-2");
  CHECK(test::plain(plan.field("flag"), record.view()) == "-1");
  CHECK(test::plain(plan.field("last"), record.view()) == "-2");
}

TEST_CASE("An enum is printed by name, also through a typedef") {
  BtfBuilder btf;
  const auto state = btf.enumeration("state", 4, {{"IDLE", 0}, {"BUSY", 5}, {"ALSO_BUSY", 5}});
  btf.structure("event", 8, {{"a", state, 0}, {"b", btf.type_def("state_t", state), 32}});
  const test::Compiled plan = test::stream_of(btf, "struct event");
  const RecordBytes record{5, 0, 0, 0, 7, 0, 0, 0};
  CHECK(test::plain(plan.field("a"), record.view()) == "BUSY");
  CHECK(test::plain(plan.field("b"), record.view()) == "7");
}

TEST_CASE("A negative value has its name in an enum that is marked as unsigned") {
  BtfBuilder btf;
  btf.structure("event", 4, {{"a", btf.enumeration("state", 4, {{"GOOD", 0}, {"BAD", -1}}), 0}});
  const test::Compiled plan = test::stream_of(btf, "struct event");
  CHECK(test::plain(plan.field("a"), RecordBytes{0xff, 0xff, 0xff, 0xff}.view()) == "BAD");
  CHECK(test::plain(plan.field("a"), RecordBytes{0xfe, 0xff, 0xff, 0xff}.view()) == "-2");
}

TEST_CASE("An enum of one byte has its negative names") {
  BtfBuilder btf;
  btf.structure("event", 1, {{"a", btf.enumeration("state", 1, {{"GOOD", 0}, {"BAD", -1}}, true), 0}});
  CHECK(test::plain(test::stream_of(btf, "struct event").field("a"), RecordBytes{0xff}.view()) == "BAD");
}

TEST_CASE("An enum of 64 bits has names beyond 32 bits") {
  BtfBuilder btf;
  btf.structure("event", 8, {{"a", btf.enumeration64("big", {{"LOW", 1}, {"HUGE", 0x7'0000'0001}}), 0}});
  const test::Compiled plan = test::stream_of(btf, "struct event");
  RecordBytes record;
  CHECK(test::plain(plan.field("a"), record.u64(0x7'0000'0001).view()) == "HUGE");
}

TEST_CASE("An enum in a bitfield has its names") {
  BtfBuilder btf;
  const auto state = btf.enumeration("state", 4, {{"GOOD", 0}, {"BAD", -1}}, true);
  const auto u8 = btf.integer("unsigned char", 1);
  btf.structure("event", 4, {{"a", state, 0, 3}, {"b", u8, 3, 5}});
  CHECK(test::plain(test::stream_of(btf, "struct event").field("a"),
                    RecordBytes{0b1010'0111, 0, 0, 0}.view()) == "BAD");
}

TEST_CASE("An enum in a bitfield wider than a number is never loaded") {
  BtfBuilder btf;
  btf.structure("event", 64, {{"a", btf.enumeration("state", 4, {{"GOOD", 0}}), 0, 200}});
  CHECK_THROWS_WITH(test::stream_of(btf, "struct event"),
                    "malformed BTF: the member \"a\" is outside struct event");
}

TEST_CASE("Arrays of arrays are arrays") {
  BtfBuilder btf;
  const auto u16 = btf.integer("unsigned short", 2);
  btf.structure("event", 8, {{"m", btf.array(btf.array(u16, 2), 2), 0}});
  RecordBytes record;
  record.u16(1).u16(2).u16(3).u16(4);
  CHECK(test::plain(test::stream_of(btf, "struct event").field("m"), record.view()) == "[[1, 2], [3, 4]]");
}

TEST_CASE("An array of char arrays is a list of texts") {
  BtfBuilder btf;
  btf.structure("event", 8, {{"args", btf.array(btf.array(btf.integer("char", 1), 4), 2), 0}});
  RecordBytes record;
  record.text("ls", 4).text("-la!", 4);
  CHECK(test::plain(test::stream_of(btf, "struct event").field("args"), record.view()) == "[ls, -la!]");
}

TEST_CASE("Numbers of 128 bits are decimal") {
  BtfBuilder btf;
  btf.structure("event", 16, {{"big", btf.integer("__int128", 16), 0}});
  RecordBytes record;
  record.u64(0x0102).u64(0xff);
  CHECK(test::plain(test::stream_of(btf, "struct event").field("big"), record.view()) ==
        "4703919738795935662338");
}

TEST_CASE("A 32-bit float is printed with the fewest digits that are exact") {
  BtfBuilder btf;
  btf.structure("event", 4, {{"load", btf.floating("float", 4), 0}});
  RecordBytes record;
  record.add(0.1f);
  CHECK(test::plain(test::stream_of(btf, "struct event").field("load"), record.view()) == "0.1");
}

TEST_CASE("A stream of plain numbers has the field value") {
  BtfBuilder btf;
  btf.type_def("u64", btf.integer("unsigned long long", 8));
  const test::Compiled plan = test::stream_of(btf, "u64");
  RecordBytes record;
  CHECK(test::plain(plan.field("value"), record.u64(7).view()) == "7");
}

TEST_CASE("The entries of a map have a key and, after its padding, a value") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto stats = btf.structure("stats", 16, {{"packets", u64, 0}, {"bytes", u64, 64}});
  MapSpec map;
  map.name = test::located(std::string("counts"));
  const test::Compiled plan = test::compile_map(
      test::object_of(btf, {test::map_info("counts", BPF_MAP_TYPE_HASH, 4, 16, u32, stats)}), map);
  REQUIRE(plan.mistakes == "");
  CHECK(plan->size == 24);
  RecordBytes entry;
  entry.u32(5).u32(0xdead).u64(10).u64(2000);
  CHECK(test::plain(plan.field("key"), entry.view()) == "5");
  CHECK(test::plain(plan.field("value.bytes"), entry.view()) == "2000");
  CHECK(plan->find("bytes") == plan->find("value.bytes"));
  CHECK(plan->find("value") != nullptr);
  CHECK(plan->find("") == nullptr);
  CHECK(plan->find("nothing") == nullptr);
}

TEST_CASE("A map without types has numbers if its sizes allow, otherwise bytes") {
  MapSpec map;
  map.name = test::located(std::string("m"));
  const test::Compiled plan =
      test::compile_map(test::object_of({}, {test::map_info("m", BPF_MAP_TYPE_HASH, 3, 4)}), map);
  RecordBytes entry;
  entry.text("abc", 8).u32(77);
  CHECK(test::plain(plan.field("key"), entry.view()) == "616263");
  CHECK(test::plain(plan.field("value"), entry.view()) == "77");
}

TEST_CASE("A per-CPU map that is not summed has a list of values") {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  MapSpec map;
  map.name = test::located(std::string("m"));
  map.per_cpu = true;
  const test::Compiled plan = test::compile_map(
      test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_PERCPU_ARRAY, 4, 4, u32, u32)}), map, 3);
  RecordBytes entry;
  entry.u32(0).u32(0).u64(1).u64(2).u64(3);
  CHECK(plan->size == 32);
  CHECK(test::plain(plan.field("value"), entry.view()) == "[1, 2, 3]");
}

TEST_CASE("A renderer is applied to a field, and to each element of an array") {
  const test::Compiled plan =
      test::event_plan({{"pid", "hex"}, {"counts", "hex"}, {"mac", "mac"}, {"net.port", "port"}});
  REQUIRE(plan.mistakes == "");
  const RecordBytes record = test::event_record();
  CHECK(test::plain(plan.field("pid"), record.view()) == "0x2a");
  CHECK(test::plain(plan.field("counts"), record.view()) == "[0x7, 0x8, 0x9]");
  CHECK(test::plain(plan.field("mac"), record.view()) == "02:42:ac:11:00:02");
}

TEST_CASE("The reason is reported if no plan can be made") {
  const auto mistakes = [](const test::Renderers& renderers) { return test::event_plan(renderers).mistakes; };
  CHECK(mistakes({{"pdi", "hex"}}) == "the map \"events\" has no field \"pdi\"\n");
  CHECK(mistakes({{"pid", "hx"}}) == "unknown renderer \"hx\"\n");
  CHECK(mistakes({{"pid", "ipv6"}}) == "\"ipv6\" takes 16 bytes; the field \"pid\" is unsigned int\n");
  CHECK(mistakes({{"comm", "hex"}}) ==
        "\"hex\" takes an integer of up to 16 bytes; the field \"comm\" is char[16]\n");
  CHECK(test::stream_of(test::event_types(), "struct evnt").mistakes ==
        "sample.bpf.o has no type \"struct evnt\"\n");

  MapSpec map;
  map.name = test::located(std::string("event"));
  CHECK(test::compile_map(
            test::object_of(test::event_types(), {test::map_info("events", BPF_MAP_TYPE_RINGBUF)}), map)
            .mistakes == "sample.bpf.o has no map \"event\"\n");
  map.name = test::located(std::string("events"));
  CHECK(test::compile_map(
            test::object_of(test::event_types(), {test::map_info("events", BPF_MAP_TYPE_RINGBUF)}), map)
            .mistakes == "the map \"events\" needs the \"type\" of its records\n");
  CHECK(
      test::compile_map(test::object_of({}, {test::map_info("events", BPF_MAP_TYPE_XSKMAP)}), map).mistakes ==
      "a map of type xskmap cannot be read: the kernel shows none of its entries\n");
  map.type = test::located(std::string("struct event"));
  CHECK(
      test::compile_map(test::object_of({}, {test::map_info("events", BPF_MAP_TYPE_ARRAY, 4, 4)}), map)
          .mistakes ==
      "\"type\" applies only to streams: the key and the value of this map have the types of its definition\n");
}

TEST_CASE("A printed line has a time, a process, a CPU and a message") {
  const Plan plan = compile_printk_plan();
  RecordBytes line;
  line.u64(1'000'000'000).u32(10).u32(11).u32(3).u32(0).text("hello", 5);
  CHECK(test::plain(*plan.find("time"), line.view()) == "1970-01-01T00:00:01.000000000Z");
  CHECK(test::plain(*plan.find("pid"), line.view()) == "10");
  CHECK(test::plain(*plan.find("tid"), line.view()) == "11");
  CHECK(test::plain(*plan.find("cpu"), line.view()) == "3");
  CHECK(test::plain(*plan.find("message"), line.view()) == "hello");
}

TEST_CASE("Values of all CPUs that are too large together are refused") {
  MapSpec map;
  map.name = test::located(std::string("counts"));
  map.per_cpu = true;
  const auto compiled = [&](std::uint32_t value_size, std::uint32_t cpus) {
    BtfBuilder btf;
    return test::compile_map(
        test::object_of(btf, {test::map_info("counts", BPF_MAP_TYPE_PERCPU_ARRAY, 4, value_size)}), map,
        cpus);
  };
  CHECK(compiled(0x8000, 8192).mistakes == "");
  CHECK(compiled(0x80040, 8192).mistakes ==
        "the map \"counts\" is too large to show per CPU: 8192 values of 524352 bytes\n");
}
