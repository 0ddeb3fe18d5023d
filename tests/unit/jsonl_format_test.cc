#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "format/json_format.h"
#include "format/json_value.h"
#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;
using nlohmann::json;
using test::BtfBuilder;

namespace {

std::string line(const test::Compiled& plan, const test::RecordBytes& record) {
  Diagnostics diagnostics = test::no_diagnostics();
  JsonlFormat format(compile_columns({}, *plan, false, diagnostics));
  TextBuffer out;
  format.begin(out);
  format.row(record.view(), {}, out);
  format.end_batch(out);
  return std::string(out.view());
}

std::string string_of(std::string_view text) {
  TextBuffer out;
  append_json_string(out, text);
  return std::string(out.view());
}

// The string in UTF-8, as a JSON reader parses it.
std::string read_back(std::string_view text) {
  return json::parse(string_of(text)).get<std::string>();
}

}  // namespace

TEST_CASE("A JSON line has every field with its type") {
  CHECK(
      line(test::event_plan(), test::event_record()) ==
      R"({"ts":"1970-01-01T00:00:01.500000000Z","pid":42,"ret":-2,"comm":"bash",)"
      R"("net":{"port":443,"low":5,"high":22,"pad":0},"state":"BUSY","mac":"02:42:ac:11:00:02","ok":true,"load":0.25,)"
      R"("counts":[7,8,9],"address":"0xffff888000001234","pairs":[{"a":1,"b":"one"},)"
      R"({"a":2,"b":"two"}],"path":"/etc/passwd"})"
      "\n");
}

TEST_CASE("Fields of a short record are null in JSON, and every key is there") {
  const json object = json::parse(line(test::event_plan(), test::RecordBytes().u64(1).u32(2)));
  CHECK(object["pid"] == 2);
  CHECK(object["ret"].is_null());
  CHECK(object["comm"].is_null());
  CHECK(object.size() == 13);
}

TEST_CASE("Large numbers keep every digit in JSON") {
  BtfBuilder btf;
  btf.structure("event", 16,
                {{"u", btf.integer("unsigned long long", 8), 0},
                 {"s", btf.integer("long long", 8, BTF_INT_SIGNED), 64}});
  test::RecordBytes record;
  record.u64(~0ull).u64(1ull << 63);
  CHECK(line(test::stream_of(btf, "struct event"), record) ==
        "{\"u\":18446744073709551615,\"s\":-9223372036854775808}\n");
}

TEST_CASE("Floats are JSON numbers, or null where JSON has none") {
  BtfBuilder btf;
  btf.structure("event", 8, {{"f", btf.floating("double", 8), 0}});
  const test::Compiled plan = test::stream_of(btf, "struct event");
  const auto written = [&](double value) { return line(plan, test::RecordBytes().add(value)); };
  for (const double value : {0.1, -0.0, 5.0, 1e300, 5e-324, 1.0 / 3}) {
    CAPTURE(value);
    CHECK(json::parse(written(value))["f"].get<double>() == value);
  }
  CHECK(written(std::numeric_limits<double>::quiet_NaN()) == "{\"f\":null}\n");
  CHECK(written(-std::numeric_limits<double>::infinity()) == "{\"f\":null}\n");
}

TEST_CASE("Ordinary text is unchanged in JSON") {
  CHECK(string_of("plain / text") == "\"plain / text\"");
  CHECK(string_of("") == "\"\"");
  CHECK(string_of("caf\xc3\xa9 \xf0\x9f\x98\x80") == "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
}

TEST_CASE("Quotes, backslashes and control characters are escaped in JSON") {
  CHECK(string_of("\"\\\n\r\t\x1b\x7f") == R"("\"\\\n\r\t\u001b\u007f")");
  CHECK(string_of(std::string_view("\0", 1)) == R"("\u0000")");
}

TEST_CASE("Characters that a terminal interprets are escaped in JSON, also beyond ASCII") {
  CHECK(string_of("\xc2\x9b\xe2\x80\xae\xe2\x80\xa8") == R"("\u009b\u202e\u2028")");
  CHECK(string_of("\xf3\xa0\x80\x81") == R"("\udb40\udc01")");
}

TEST_CASE("Valid text is read back from JSON as it was") {
  for (const std::string text : {"", "a\"b\\c", "\n\t\r\x01\x7f", "\xc2\x9b\xe2\x80\xae", "\xf3\xa0\x80\x81",
                                 "\xef\xbb\xbf", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(text);
    CHECK(read_back(text) == text);
  }
}

TEST_CASE("Bytes that are not UTF-8 become U+FFFD") {
  const std::string replacement = "\xef\xbf\xbd";
  CHECK(read_back("a\xff"
                  "b") == "a" + replacement + "b");
  CHECK(read_back("\xc0\x80") == replacement + replacement);
  CHECK(read_back("\xed\xa0\x80") == replacement + replacement + replacement);
  CHECK(read_back("\xe2\x82") == replacement + replacement);
}

TEST_CASE("Whatever bytes a record holds, its line is valid JSON and one line") {
  const test::Compiled plan = test::event_plan();
  std::mt19937 random(3);  // NOLINT(*-msc51-cpp)
  for (int i = 0; i < 3000; ++i) {
    test::RecordBytes record;
    const std::size_t size = random() % 160;
    for (std::size_t j = 0; j < size; ++j) record.u8(static_cast<std::uint8_t>(random()));
    const std::string text = line(plan, record);
    const bool good =
        json::accept(text) && std::count(text.begin(), text.end(), '\n') == 1 && text.back() == '\n';
    if (!good) {
      CAPTURE(text);
      FAIL_CHECK("not one line of JSON");
    }
  }
}

TEST_CASE("Names from BTF cannot break the JSON") {
  BtfBuilder btf;
  const auto state = btf.enumeration("state", 4, {{"a\"b\\\n\x1b", 0}});
  const auto inner = btf.structure("inner", 4, {{"q\"\xff", state, 0}});
  btf.structure("event", 4, {{"x\"\n", inner, 0}});
  const std::string text = line(test::stream_of(btf, "struct event"), test::RecordBytes().zeros(4));
  CAPTURE(text);
  CHECK(json::accept(text));
}

TEST_CASE("A line without columns is an empty object") {
  JsonlFormat format({});
  TextBuffer out;
  format.row({}, {}, out);
  CHECK(out.view() == "{}\n");
}

TEST_CASE("Names of values in the spec may be any text, whatever the renderer") {
  for (const std::string renderer : {"values", "enum", "flags", "syscall", "open_flags"}) {
    CAPTURE(renderer);
    BtfBuilder btf;
    btf.structure("event", 4, {{"mode", btf.integer("int", 4), 0}});
    MapSpec map;
    map.name = test::located(std::string("events"));
    map.type = test::located(std::string("struct event"));
    FieldSpec field;
    field.as = test::located(renderer);
    field.values.emplace_back(test::located(std::string("4")), test::located(std::string("\"\x1b")));
    map.fields.emplace_back(test::located(std::string("mode")), field);
    const test::Compiled plan =
        test::compile_map(test::object_of(btf, {test::map_info("events", BPF_MAP_TYPE_RINGBUF)}), map);
    REQUIRE(plan.mistakes == "");
    const test::RecordBytes record = test::RecordBytes().u32(4);
    CHECK(json::parse(line(plan, record))["mode"].is_string());
    CHECK(test::plain(plan.field("mode"), record.view()).find('\x1b') == std::string::npos);
  }
}
