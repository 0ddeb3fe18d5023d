#include "view/group_table.h"

#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

// Each row as "key key count", a line each.
std::string rows(GroupTable& table) {
  std::string text;
  const auto add = [&](Bytes row) {
    for (const Field& field : table.plan().root.fields) text += test::plain(field, row) + " ";
    text.back() = '\n';
  };
  table.for_each({}, add);
  if (const auto other = table.other({})) add(*other);
  return text;
}

}  // namespace

TEST_CASE("Records are counted by group, in the order of arrival") {
  const test::Compiled plan = test::event_plan();
  GroupTable table({&plan.field("comm")}, {{"n"}});
  for (const char* comm : {"bash", "ls", "bash", "cat", "bash", "ls"})
    table.add(test::event_record(comm).view());
  CHECK(rows(table) == "bash 3\nls 2\ncat 1\n");
  CHECK(table.overflow() == 0);
}

TEST_CASE("A group may have several keys and several counts") {
  const test::Compiled plan = test::event_plan();
  GroupTable table({&plan.field("ret"), &plan.field("comm"), &plan.field("net.port")}, {{"n"}, {"again"}});
  table.add(test::event_record("a").view());
  table.add(test::event_record("b").view());
  table.add(test::event_record("a").view());
  CHECK(rows(table) == "-2 a 443 2 2\n-2 b 443 1 1\n");
  CHECK(table.plan().find("n") != nullptr);
  CHECK(table.plan().find("net.port") != nullptr);
  CHECK(table.plan().find("pid") == nullptr);
}

TEST_CASE("Texts that differ only after their NUL are one group") {
  const test::Compiled plan = test::event_plan();
  GroupTable table({&plan.field("comm")}, {{"n"}});
  RecordBytes first;
  first.zeros(16).text(std::string_view("ls\0garbage", 10), 16, 'x').zeros(64);
  RecordBytes second;
  second.zeros(16).text(std::string_view("ls\0other", 8), 16, 'y').zeros(64);
  table.add(first.view());
  table.add(second.view());
  CHECK(rows(table) == "ls 2\n");
}

TEST_CASE("A text that ends at the record's end is in the same group as that text with a NUL") {
  const test::Compiled plan = test::event_plan();
  GroupTable table({&plan.field("comm")}, {{"n"}});
  table.add(test::event_record("ls").view());
  table.add(test::event_record("ls").view().first(18));
  CHECK(rows(table) == "ls 2\n");
}

TEST_CASE("Bitfields group by their own bits, not by their neighbours'") {
  const test::Compiled plan = test::event_plan();
  GroupTable table({&plan.field("net.low")}, {{"n"}});
  RecordBytes first;
  first.zeros(34).u8(0b00000'101).zeros(61);
  RecordBytes second;
  second.zeros(34).u8(0b11111'101).zeros(61);
  table.add(first.view());
  table.add(second.view());
  CHECK(rows(table) == "5 2\n");
}

TEST_CASE("Structs group by their members, not by their padding") {
  BtfBuilder btf;
  const auto u8 = btf.integer("unsigned char", 1);
  const auto u32 = btf.integer("unsigned int", 4);
  const auto address = btf.structure("address", 8, {{"family", u8, 0}, {"host", u32, 32}});
  btf.structure("event", 8, {{"from", address, 0}});
  const test::Compiled plan = test::stream_of(btf, "struct event");
  GroupTable table({&plan.field("from")}, {{"n"}});
  table.add(RecordBytes{2, 0, 0, 0, 9, 0, 0, 0}.view());
  table.add(RecordBytes{2, 0xff, 0xff, 0xff, 9, 0, 0, 0}.view());
  CHECK(rows(table) == "{family=2, host=9} 2\n");
}

TEST_CASE("Structs and arrays can be keys") {
  const test::Compiled plan = test::event_plan();
  GroupTable table({&plan.field("net"), &plan.field("counts"), &plan.field("pairs"), &plan.field("mac")},
                   {{"n"}});
  table.add(test::event_record().view());
  table.add(test::event_record().view());
  CHECK(rows(table) ==
        "{port=443, low=5, high=22, pad=0} [7, 8, 9] [{a=1, b=one}, {a=2, b=two}] 02:42:ac:11:00:02 2\n");
}

TEST_CASE("Groups stay distinct when the index grows") {
  const test::Compiled plan = test::event_plan();
  GroupTable table({&plan.field("pid")}, {{"n"}});
  for (int round = 0; round < 3; ++round) {
    for (std::uint32_t pid = 0; pid < 5000; ++pid) {
      RecordBytes record;
      table.add(record.u64(0).u32(pid * 2654435761u).view());
    }
  }
  std::size_t groups = 0;
  bool all_three = true;
  const Field& count = *table.plan().find("n");
  table.for_each({}, [&](Bytes row) {
    ++groups;
    all_three = all_three && load(row, count.slot) == 3;
  });
  CHECK(groups == 5000);
  CHECK(all_three);
}

TEST_CASE("Records of groups beyond the limit form one additional group, shown separately") {
  const test::Compiled plan = test::event_plan();
  GroupTable table({&plan.field("pid")}, {{"n"}}, 3);
  for (const std::uint32_t pid : {1u, 2u, 3u, 4u, 5u, 2u, 4u}) {
    RecordBytes record;
    table.add(record.u64(0).u32(pid).view());
  }
  CHECK(rows(table) == "1 1\n2 2\n3 1\n- 3\n");
  CHECK(table.overflow() == 3);
  const auto other = table.other({});
  REQUIRE(other);
  CHECK(table.plan().other->is(*other));
  table.for_each({}, [&](Bytes row) { CHECK_FALSE(table.plan().other->is(row)); });
  table.clear();
  CHECK_FALSE(table.other({}));
}

TEST_CASE("The limit of groups is lower if a group can become large") {
  const test::Compiled plan = test::event_plan();
  const GroupTable plain({&plan.field("pid")}, {{"n"}}, 100'000);
  CHECK(plain.limit() == 100'000);
  Aggregate median{"m"};
  median.function = Aggregate::Function::percentile;
  median.field = &plan.field("ts");
  const GroupTable large({&plan.field("pid")}, {median}, 100'000);
  CHECK(large.limit() < 10'000);
  CHECK(large.limit() * large.group_bytes() <= GroupTable::memory_limit);
}

TEST_CASE("A cleared table has no groups and counts from 0") {
  const test::Compiled plan = test::event_plan();
  GroupTable table({&plan.field("comm")}, {{"n"}});
  table.add(test::event_record("a").view());
  table.clear();
  CHECK(rows(table) == "");
  table.add(test::event_record("b").view());
  table.add(test::event_record("a").view());
  CHECK(rows(table) == "b 1\na 1\n");
}

TEST_CASE("A record that is too short for a key is in a group, and counted") {
  const test::Compiled plan = test::event_plan();
  GroupTable table({&plan.field("pid")}, {{"n"}});
  table.add({});
  table.add(test::event_record().view());
  CHECK(rows(table) == "- 1\n42 1\n");
}

TEST_CASE("Keys that are too large in total are refused, even if one key is repeated") {
  test::BtfBuilder btf;
  const auto u8 = btf.integer("unsigned char", 1);
  btf.structure("event", 1u << 28, {{"all", btf.array(u8, 1u << 28), 0}});
  const test::Compiled plan = test::stream_of(btf, "struct event");
  const std::vector<const Field*> keys(16, &plan.field("all"));  // 2^32 bytes
  CHECK_THROWS_WITH(GroupTable(keys, {{"n"}}), "a group is too large: 4294967296 bytes");
}
