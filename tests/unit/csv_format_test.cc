#include "format/csv_format.h"

#include <random>

#include "spec/output_spec.h"
#include "support/catch.h"
#include "unit/csv_reader.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

std::string csv(const std::vector<test::RecordBytes>& records, Reader reader,
                const std::vector<std::string>& fields) {
  const test::Compiled plan = test::event_plan();
  OutputSpec output;
  for (const std::string& field : fields) output.fields.push_back(test::located(field));
  Diagnostics diagnostics = test::no_diagnostics();
  CsvFormat format(compile_columns(output, *plan, true, diagnostics), reader);
  TextBuffer out;
  format.begin(out);
  for (const test::RecordBytes& record : records) format.row(record.view(), {}, out);
  format.end_batch(out);
  return std::string(out.view());
}

}  // namespace

TEST_CASE("CSV has a header and a line for each row") {
  CHECK(csv({test::event_record("a"), test::event_record("b")}, Reader::program,
            {"pid", "comm", "state", "ok"}) == "pid,comm,state,ok\n42,a,BUSY,true\n42,b,BUSY,true\n");
}

TEST_CASE("CSV has a column for each member of a struct, and quotes lists") {
  CHECK(csv({test::event_record()}, Reader::program, {"net", "counts"}) ==
        "net.port,net.low,net.high,net.pad,counts\n443,5,22,0,\"[7, 8, 9]\"\n");
}

TEST_CASE("CSV quotes cells with a comma, a quote or a newline") {
  CHECK(csv({test::event_record("a,b")}, Reader::program, {"comm"}) == "comm\n\"a,b\"\n");
  CHECK(csv({test::event_record("say \"hi\"")}, Reader::program, {"comm"}) == "comm\n\"say \"\"hi\"\"\"\n");
  CHECK(csv({test::event_record("a\nb\r")}, Reader::program, {"comm"}) == "comm\n\"a\nb\r\"\n");
}

TEST_CASE("A field that is missing in a short record is an empty cell") {
  CHECK(csv({test::RecordBytes().u64(0).u32(7)}, Reader::program, {"pid", "ret", "comm"}) ==
        "pid,ret,comm\n7,,\n");
}

TEST_CASE("A CSV reader gets every byte of a text unchanged") {
  std::mt19937 random(4);  // NOLINT(*-msc51-cpp)
  const std::string hostile = "\",\r\n\\ a;\t\x1b\xff\xc3\xa9";
  std::vector<test::RecordBytes> records;
  std::vector<std::string> paths;
  for (int i = 0; i < 500; ++i) {
    std::string path;
    for (std::size_t size = random() % 12; size > 0; --size) path += hostile[random() % hostile.size()];
    records.push_back(test::event_record("x", path));
    paths.push_back(path);
  }
  const test::CsvTable table = test::read_csv(csv(records, Reader::program, {"pid", "path", "ok"}));
  REQUIRE(table.size() == 501);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    REQUIRE(table[i + 1].size() == 3);
    CHECK(table[i + 1][1] == paths[i]);
    CHECK(table[i + 1][2] == "true");
  }
}

TEST_CASE("CSV text is escaped on a terminal") {
  CHECK(csv({test::event_record("a\x1b\n\"")}, Reader::person, {"comm"}) == "comm\n\"a\\x1b\\n\"\"\"\n");
}

TEST_CASE("The header of CSV is escaped on a terminal too") {
  const test::Compiled plan = test::event_plan();
  for (const Reader reader : {Reader::person, Reader::program}) {
    CsvFormat format({{"\x1b[7m,", &plan.field("pid")}}, reader);
    TextBuffer out;
    format.begin(out);
    CHECK(out.view() == (reader == Reader::person ? "\"\\x1b[7m,\"\n" : "\"\x1b[7m,\"\n"));
  }
}
