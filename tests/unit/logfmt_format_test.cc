#include <nlohmann/json.hpp>
#include <random>

#include "format/format.h"
#include "spec/output_spec.h"
#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

std::string logfmt(const test::RecordBytes& record, const std::vector<std::string>& fields,
                   const test::Renderers& renderers = {}) {
  const test::Compiled plan = test::event_plan(renderers);
  OutputSpec output;
  for (const std::string& field : fields) output.fields.push_back(test::located(field));
  Diagnostics diagnostics = test::no_diagnostics();
  const auto format = compile_format(format_named("logfmt"), {output, *plan}, diagnostics);
  REQUIRE(test::whats(diagnostics) == "");
  TextBuffer out;
  format->begin(out);
  format->row(record.view(), {}, out);
  format->end_batch(out);
  return std::string(out.view());
}

std::string comm(std::string_view text) {
  return logfmt(test::event_record(text), {"comm"});
}

// The value that a reader gets from a line with one pair: the JSON string in quotes, or the word.
std::string read_back(const std::string& line, const std::string& key) {
  REQUIRE(line.starts_with(key + "="));
  REQUIRE(line.ends_with("\n"));
  const std::string value = line.substr(key.size() + 1, line.size() - key.size() - 2);
  if (value.starts_with('"')) return nlohmann::json::parse(value).get<std::string>();
  REQUIRE(value.find_first_of(" =\"\t\n\r") == std::string::npos);
  REQUIRE(!value.empty());
  return value;
}

}  // namespace

TEST_CASE("A logfmt row is a line of key=value pairs") {
  CHECK(logfmt(test::event_record("bash"), {"pid", "comm", "state", "ok", "load", "ret"}) ==
        "pid=42 comm=bash state=BUSY ok=true load=0.25 ret=-2\n");
}

TEST_CASE("logfmt has a dot between a struct and its member, and arrays as in JSON") {
  CHECK(logfmt(test::event_record(), {"net", "counts"}) ==
        "net.port=443 net.low=5 net.high=22 net.pad=0 counts=[7,8,9]\n");
  CHECK(logfmt(test::event_record(), {"pairs"}) ==
        R"(pairs="[{\"a\":1,\"b\":\"one\"},{\"a\":2,\"b\":\"two\"}]")"
        "\n");
}

TEST_CASE("logfmt quotes values that a reader would not read as one word") {
  CHECK(comm("a/b:c,d\\e") == "comm=a/b:c,d\\e\n");
  CHECK(comm("\xc3\xa9") == "comm=\xc3\xa9\n");
  CHECK(comm("") == "comm=\"\"\n");
  CHECK(comm("a b") == "comm=\"a b\"\n");
  CHECK(comm("a=b") == "comm=\"a=b\"\n");
  CHECK(comm("say \"hi\"") == R"(comm="say \"hi\"")"
                              "\n");
  CHECK(comm("a \\ b") == R"(comm="a \\ b")"
                          "\n");
  CHECK(comm("a\nb\tc\rd") == R"(comm="a\nb\tc\rd")"
                              "\n");
  CHECK(comm("\x1b[2J\x7f") == R"(comm="\u001b[2J\u007f")"
                               "\n");
  CHECK(comm("a\xe2\x80\xaf"
             "b") ==
        "comm=\"a\xe2\x80\xaf"
        "b\"\n");
  CHECK(comm("\xe2\x80\xae"
             "x") == R"(comm="\u202ex")"
                     "\n");
  CHECK(comm("\xff") == "comm=\"\xef\xbf\xbd\"\n");
}

TEST_CASE("A key of logfmt is one word") {
  const test::Compiled plan = test::event_plan();
  OutputSpec output;
  output.fields.push_back(test::located(std::string("pid")));
  output.fields.front().name = test::located(std::string("the \"pid\"=\n\xc3\xa9"));
  Diagnostics diagnostics = test::no_diagnostics();
  const auto format = compile_format(format_named("logfmt"), {output, *plan}, diagnostics);
  TextBuffer out;
  format->row(test::event_record().view(), {}, out);
  CHECK(out.view() == "the__pid___\xc3\xa9=42\n");
}

TEST_CASE("logfmt leaves out what a short record does not have") {
  CHECK(logfmt(test::RecordBytes().u64(0).u32(7), {"ret", "pid", "comm"}) == "pid=7\n");
  CHECK(logfmt(test::RecordBytes(), {"pid"}) == "\n");
}

TEST_CASE("Any text in logfmt is read back unchanged, except for bytes that are not UTF-8") {
  std::mt19937 random(4);  // NOLINT(*-msc51-cpp)
  const std::vector<std::string> parts{"a",  "\"", "\\", " ",    "=",        "\n",           "\t",
                                       "\r", "[",  "\1", "\x7f", "\xc3\xa9", "\xe3\x80\x80", "\xe2\x80\xae"};
  for (int i = 0; i < 500; ++i) {
    std::string path;
    for (std::size_t size = random() % 12; size > 0; --size) path += parts[random() % parts.size()];
    CHECK(read_back(logfmt(test::event_record("x", path), {"path"}), "path") == path);
  }
}
