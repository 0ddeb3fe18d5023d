#include "spec/json_reader.h"

#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

struct ReadText {
  std::optional<Value> value;
  std::vector<Diagnostic> diagnostics;

  std::string what() const { return diagnostics.empty() ? "" : diagnostics.front().what; }
  std::string place() const {
    if (diagnostics.empty() || !diagnostics.front().where) return "";
    return std::to_string(diagnostics.front().where->line) + ":" +
           std::to_string(diagnostics.front().where->column);
  }
};

ReadText read(const std::string& text) {
  Diagnostics diagnostics = test::no_diagnostics(text);
  ReadText reading;
  reading.value = read_json(diagnostics);
  reading.diagnostics = diagnostics.all();
  return reading;
}

// The text at the location of each value and key, in the order of the text.
void places(const Value& value, const std::string& text, std::string& out) {
  out += text.substr(value.at.begin, value.at.end - value.at.begin) + "\n";
  if (const auto* array = std::get_if<Value::Array>(&value.data)) {
    for (const Value& item : *array) places(item, text, out);
  } else if (const auto* object = std::get_if<Value::Object>(&value.data)) {
    for (const Member& member : *object) {
      out += text.substr(member.key.at.begin, member.key.at.end - member.key.at.begin) + "=";
      places(member.value, text, out);
    }
  }
}

std::string places(const std::string& text) {
  const ReadText reading = read(text);
  std::string out;
  if (reading.value) places(*reading.value, text, out);
  return out;
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("Every kind of JSON token has its location") {
  CHECK(places("null") == "null\n");
  CHECK(places(" true ") == "true\n");
  CHECK(places("\tfalse\n") == "false\n");
  CHECK(places("\r\n 42") == "42\n");
  CHECK(places("[-7,1.5,2e3]") == "[-7,1.5,2e3]\n-7\n1.5\n2e3\n");
  CHECK(places("\"text\"") == "\"text\"\n");
  CHECK(places("[]") == "[]\n");
  CHECK(places("{ }") == "{ }\n");
  CHECK(places(R"({"a": [1, {"b" : null}], "c":false})") ==
        "{\"a\": [1, {\"b\" : null}], \"c\":false}\n\"a\"=[1, {\"b\" : null}]\n1\n{\"b\" : "
        "null}\n\"b\"=null\n\"c\"=false\n");
}

TEST_CASE("JSON strings with brackets, commas, quotes and escapes do not shift later locations") {
  CHECK(places(R"(["a,b:c]}", "\"", "\\", "é\u00e9", 5])") ==
        R"(["a,b:c]}", "\"", "\\", "é\u00e9", 5])"
        "\n\"a,b:c]}\"\n\"\\\"\"\n\"\\\\\"\n\"é\\u00e9\"\n5\n");
}

TEST_CASE("A JSON number keeps its type") {
  const auto read_as = [](const std::string& text) { return std::string(read(text).value->kind()); };
  CHECK(std::holds_alternative<std::uint64_t>(read("18446744073709551615").value->data));
  CHECK(std::holds_alternative<std::int64_t>(read("-9223372036854775808").value->data));
  CHECK(std::holds_alternative<double>(read("1.0").value->data));
  CHECK(std::holds_alternative<double>(read("1e2").value->data));
  CHECK(read_as("5") == "a number");
  CHECK(read_as("5.5") == "a number with a fraction");
}

TEST_CASE("A JSON integer beyond 64 bits keeps its digits") {
  for (const std::string digits :
       {"18446744073709551616", "-9223372036854775809", "100000000000000000000000000000"}) {
    const ReadText reading = read(digits);
    CAPTURE(digits);
    REQUIRE(reading.value);
    REQUIRE(std::holds_alternative<Value::BigNumber>(reading.value->data));
    CHECK(std::get<Value::BigNumber>(reading.value->data).digits == digits);
    CHECK(reading.value->kind() == "a number beyond 64 bits");
  }
}

TEST_CASE("A JSON number that overflows a double is an error") {
  CHECK_FALSE(read("1e999").value);
  CHECK(read("[1e999]").place() == "1:2");
}

TEST_CASE("A key that appears twice is an error at the second") {
  const ReadText reading = read("{\"pid\": 1,\n \"pid\": 2}");
  CHECK_FALSE(reading.value);
  CHECK(reading.what() == "duplicate key \"pid\"");
  CHECK(reading.place() == "2:2");
}

TEST_CASE("Keys are compared without their escapes") {
  CHECK(read(R"({"a": 1, "\u0061": 2})").what() == "duplicate key \"a\"");
}

TEST_CASE("The same key may appear in several objects") {
  CHECK(read(R"([{"a": {"a": 1}}, {"a": 2}])").value);
}

TEST_CASE("Comments are refused with a hint") {
  for (const std::string text : {"{} // no", "/* no */ {}", "# no\n{}"}) {
    const ReadText reading = read(text);
    CAPTURE(text);
    REQUIRE(reading.diagnostics.size() == 1);
    CHECK(reading.diagnostics[0].hint.find("no comments") != std::string::npos);
  }
}

TEST_CASE("A trailing comma is refused with a hint") {
  for (const std::string text : {"[1, 2, ]", "{\"a\": 1, }"}) {
    const ReadText reading = read(text);
    CAPTURE(text, reading.what());
    REQUIRE(reading.diagnostics.size() == 1);
    CHECK(reading.diagnostics[0].hint == "remove the comma after the last item");
    CHECK(reading.place() == "1:" + std::to_string(text.size()));
  }
}

TEST_CASE("Malformed JSON is an error at its location") {
  const auto broken_at = [](const std::string& text, const std::string& place) {
    CAPTURE(text, read(text).what());
    CHECK_FALSE(read(text).value);
    CHECK(read(text).what().starts_with("not valid JSON: "));
    CHECK(read(text).place() == place);
  };
  broken_at("{\n  \"a\" 1\n}", "2:7");
  broken_at("[1 2]", "1:4");
  broken_at("{} {}", "1:4");
  broken_at("[\"\x01\"]", "1:3");
  broken_at("[\"\xff\"]", "1:3");
  broken_at("nul", "1:1");
  broken_at("[1,", "1:1");
}

TEST_CASE("Empty text is reported as empty") {
  CHECK(read("").what() == "the file is empty");
  CHECK(read(" \n\t").what() == "the file is empty");
}

TEST_CASE("JSON may be nested 64 levels deep and no deeper") {
  CHECK(read(nested(64)).value);
  const ReadText reading = read(nested(65));
  CHECK_FALSE(reading.value);
  CHECK(reading.what() == "nested deeper than 64 levels");
  CHECK(reading.place() == "1:65");
}

TEST_CASE("Absurd nesting is refused as well") {
  CHECK_FALSE(read(nested(1'000'000)).value);
}

TEST_CASE("A byte order mark before JSON is skipped") {
  CHECK(places("\xef\xbb\xbf{\"a\": 1}") == "{\"a\": 1}\n\"a\"=1\n");
  CHECK(places("\xef\xbb\xbf\n 7") == "7\n");
}

TEST_CASE("A NUL byte does not end JSON") {
  CHECK_FALSE(read(std::string("{}\0 and more", 12)).value);
  CHECK_FALSE(read(std::string("{}\0", 3)).value);
  CHECK_FALSE(read(std::string("[1,\0 2]", 7)).value);
}

TEST_CASE("JSON text that is cut anywhere is an error, not a crash") {
  const std::string text = R"({"name": "x\u00e9\n", "list": [1, -2, 3.5e1, true, null, {"a": {}}]})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(read(text.substr(0, size)).value);
  }
  CHECK(read(text).value);
}

TEST_CASE("The error for malformed JSON does not quote the file") {
  for (const std::string text :
       {"{\"\x1b invalid string: \"\xff", "{\"a - b: c\"\x1b: 1}", "[\"; last read: \x1b\"\xff]"}) {
    CAPTURE(text);
    const std::string what = read(text).what();
    CHECK(what.starts_with("not valid JSON: "));
    CHECK(what.find_first_of("\x1b\xff") == std::string::npos);
  }
}
