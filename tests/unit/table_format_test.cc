#include "format/table_format.h"

#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

struct Table {
  explicit Table(TableFormat::Mode mode, const std::vector<std::string>& fields = {"pid", "comm", "ok"})
      : plan(test::event_plan()), format(columns(plan, fields), mode) {
    format.begin(out);
  }

  static std::vector<Column> columns(const test::Compiled& plan, const std::vector<std::string>& fields) {
    std::vector<Column> result;
    for (const std::string& name : fields) result.push_back({name, &plan.field(name)});
    return result;
  }

  Table& row(std::uint32_t pid, std::string_view comm) {
    test::RecordBytes record;
    record.u64(0).u32(pid).i32(0).text(comm, 16).zeros(14).u8(1).zeros(49);
    format.row(record.view(), {}, out);
    return *this;
  }
  std::string take() {
    std::string text(out.view());
    out.clear();
    return text;
  }

  test::Compiled plan;
  TableFormat format;
  TextBuffer out;
};

}  // namespace

TEST_CASE("A table of a batch is as wide as its widest values") {
  Table table(TableFormat::Mode::batch);
  table.row(7, "a").row(12345, "a long name");
  CHECK(table.take() == "");
  table.format.end_batch(table.out);
  CHECK(table.take() ==
        "  PID  COMM         OK\n"
        "    7  a            true\n"
        "12345  a long name  true\n");
}

TEST_CASE("Each batch has its own table, separated by an empty line") {
  Table table(TableFormat::Mode::batch);
  table.row(1234567, "wide");
  table.format.end_batch(table.out);
  table.take();
  table.row(1, "x");
  table.format.end_batch(table.out);
  CHECK(table.take() ==
        "\n"
        "PID  COMM  OK\n"
        "  1  x     true\n");
}

TEST_CASE("A batch without rows is only its header") {
  Table table(TableFormat::Mode::batch);
  table.format.end_batch(table.out);
  CHECK(table.take() == "PID  COMM  OK\n");
}

TEST_CASE("A table of a stream writes its header at once and each row as it comes") {
  Table table(TableFormat::Mode::stream);
  CHECK(table.take() == "    PID  COMM              OK\n");
  table.row(42, "bash");
  CHECK(table.take() == "     42  bash              true\n");
  table.format.end_batch(table.out);
  CHECK(table.take() == "");
}

TEST_CASE("A column of a stream grows with a wider value and stays that wide") {
  Table table(TableFormat::Mode::stream, {"pid", "comm"});
  CHECK(table.take() == "    PID  COMM\n");
  table.row(4'000'000'000, "a").row(1, "b");
  CHECK(table.take() ==
        "4000000000  a\n"
        "         1  b\n");
}

TEST_CASE("Wide characters and escapes are aligned by their columns") {
  Table table(TableFormat::Mode::batch);
  table.row(1, "\xe4\xb8\xad\xe6\x96\x87").row(2, "\x1b").row(3, "e\xcc\x81");
  table.format.end_batch(table.out);
  CHECK(table.take() ==
        "PID  COMM  OK\n"
        "  1  \xe4\xb8\xad\xe6\x96\x87  true\n"
        "  2  \\x1b  true\n"
        "  3  e\xcc\x81     true\n");
}

TEST_CASE("A last column of numbers is aligned too") {
  Table table(TableFormat::Mode::batch, {"comm", "pid"});
  table.row(7, "a").row(12345, "b");
  table.format.end_batch(table.out);
  CHECK(table.take() ==
        "COMM    PID\n"
        "a         7\n"
        "b     12345\n");
}

TEST_CASE("A missing value is a dash") {
  Table table(TableFormat::Mode::batch);
  table.format.row({}, {}, table.out);
  table.format.end_batch(table.out);
  CHECK(table.take() ==
        "PID  COMM  OK\n"
        "  -  -     -\n");
}

TEST_CASE("A table has a column for each member of a struct, without the prefix of a map's value") {
  test::BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto inner = btf.structure("inner", 4, {{"x", u32, 0}});
  const auto stats = btf.structure("stats", 8, {{"n", u32, 0}, {"in", inner, 32}});
  MapSpec map;
  map.name = test::located(std::string("m"));
  const test::Compiled plan = test::compile_map(
      test::object_of(btf, {test::map_info("m", BPF_MAP_TYPE_HASH, 4, 8, u32, stats)}), map);
  Diagnostics diagnostics = test::no_diagnostics();
  std::string names;
  for (const Column& column : compile_columns({}, *plan, true, diagnostics)) names += column.name + " ";
  CHECK(names == "key n in.x ");
  names.clear();
  for (const Column& column : compile_columns({}, *plan, false, diagnostics)) names += column.name + " ";
  CHECK(names == "key value ");
}

TEST_CASE("A column that does not exist is an error") {
  const test::Compiled plan = test::event_plan();
  OutputSpec output;
  output.fields = {test::located(std::string("pdi"))};
  Diagnostics diagnostics = test::no_diagnostics();
  compile_columns(output, *plan, true, diagnostics);
  REQUIRE(diagnostics.failed());
  CHECK(diagnostics.all()[0].what == "unknown field \"pdi\"");
  CHECK(diagnostics.all()[0].hint == "did you mean \"pid\"?");
}

TEST_CASE("The names of members in a cell are safe for a terminal") {
  test::BtfBuilder btf;
  const auto inner = btf.structure("inner", 4, {{"a\x1b[2J", btf.integer("int", 4), 0}});
  btf.structure("event", 8, {{"list", btf.array(inner, 2), 0}});
  const test::Compiled plan = test::stream_of(btf, "struct event");
  CHECK(test::plain(plan.field("list"), test::RecordBytes().zeros(8).view()).find('\x1b') ==
        std::string::npos);
}
