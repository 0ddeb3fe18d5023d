// File names made to deceive whoever reads the output: any user can create them.
#include <fcntl.h>

#include <algorithm>
#include <array>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"
#include "text_rows.h"

using namespace test;
using nlohmann::json;

namespace {

struct Name {
  std::string bytes;
  std::string on_screen;  // in text and tables
  std::string in_json;    // as a JSON reader gets it
};

std::string times(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

const std::vector<Name>& names() {
  static const std::string broken = "\xef\xbf\xbd";  // U+FFFD
  static const std::vector<Name> all = [] {
    std::vector<Name> list{
        {"\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H", "\x1b[2J\x1b[H"},
        {"\x1b]0;title\x07", "\\x1b]0;title\\x07", "\x1b]0;title\x07"},
        {"two\nlines", "two\\nlines", "two\nlines"},
        {"a\tb\rc\b", "a\\tb\\rc\\x08", "a\tb\rc\b"},
        {"\x7f\x01", "\\x7f\\x01", "\x7f\x01"},
        {"\xc2\x9b"
         "2J",
         "\\u{009b}2J",
         "\xc2\x9b"
         "2J"},  // C1, as UTF-8
        {"\x9b"
         "2J",
         "\\x9b2J", broken + "2J"},  // and as a byte
        {"\xff\xfe", "\\xff\\xfe", broken + broken},
        {"cut\xe2\x82", "cut\\xe2\\x82", "cut" + broken + broken},
        {"\xc0\xaf\xed\xa0\x80", "\\xc0\\xaf\\xed\\xa0\\x80", times(5, broken)},
        {"\xe2\x80\xae"
         "gpj.exe",
         "\\u{202e}gpj.exe",
         "\xe2\x80\xae"
         "gpj.exe"},
        {"\xe2\x81\xa6x\xe2\x80\xa8", "\\u{2066}x\\u{2028}", "\xe2\x81\xa6x\xe2\x80\xa8"},
        {"say \"hi\", he said", "say \"hi\", he said", "say \"hi\", he said"},
        {"\"", "\"", "\""},
        {",", ",", ","},
        {"back\\slash \\n", "back\\\\slash \\\\n", "back\\slash \\n"},
        {" spaces ", " spaces ", " spaces "},
        {"-dash {brace} %s $(x) `y`", "-dash {brace} %s $(x) `y`", "-dash {brace} %s $(x) `y`"},
        {"\xc3\xbc \xe6\xbc\xa2 \xf0\x9f\x98\x80", "\xc3\xbc \xe6\xbc\xa2 \xf0\x9f\x98\x80",
         "\xc3\xbc \xe6\xbc\xa2 \xf0\x9f\x98\x80"},
        {"=1+1", "=1+1", "=1+1"},
        {"", "", ""},
        {std::string(255, 'n'), std::string(255, 'n'), std::string(255, 'n')},
        {times(255, "\x1b"), times(255, "\\x1b"), times(255, "\x1b")},
        // Longer than the record's field: the part that fits is shown, even if it ends within a character.
        {times(200, "\xc3\xbc"), times(127, "\xc3\xbc") + "\\xc3", times(127, "\xc3\xbc") + broken},
    };
    // Every byte that a name may contain.
    for (int c = 1; c < 256; ++c) {
      if (c == '/' || c == '.') continue;
      const std::string byte(1, static_cast<char>(c));
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x", static_cast<unsigned>(c));
      const bool printable = c >= 0x20 && c < 0x7f;
      const std::string shown = c == '\n'   ? "\\n"
                                : c == '\t' ? "\\t"
                                : c == '\r' ? "\\r"
                                : c == '\\' ? "\\\\"
                                : printable ? byte
                                            : std::string(escaped.data());
      list.push_back({byte, shown, c < 0x80 ? byte : broken});
    }
    return list;
  }();
  return all;
}

// Opens all of them, with a hostile task name as well, and returns what the run wrote.
std::string output(const std::vector<std::string>& arguments) {
  std::vector<Open> opens;
  for (const Name& name : names()) opens.push_back({name.bytes, O_RDONLY});
  Actor actor(opening(opens), [] { name_task("\x1b[31m\n\"x\xff"); });
  std::vector<std::string> all{"--set", "pid=" + actor.id()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  Probe probe(probe_command(spec_file("opensnoop"), all));
  actor.act();
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).events == names().size());
  return done.out;
}

}  // namespace

TEST_CASE("a table shows each hostile name on one line of harmless characters", "[host]") {
  const std::string text = output({"--format", "table"});
  CHECK(harmful_bytes(text).empty());
  const std::vector<std::string> lines = split_lines(text);
  REQUIRE(lines.size() == 1 + names().size());
  for (std::size_t i = 0; i < names().size(); ++i) {
    INFO(lines[i + 1]);
    CHECK(lines[i + 1].ends_with("  " + names()[i].on_screen));
    CHECK(contains(lines[i + 1], "\\x1b[31m\\n\"x\\xff"));
  }
}

TEST_CASE("text shows each hostile name on one line of harmless characters", "[host]") {
  const std::string text = output({"--format", "text"});
  CHECK(harmful_bytes(text).empty());
  const std::vector<std::string> lines = split_lines(text);
  REQUIRE(lines.size() == names().size());
  for (std::size_t i = 0; i < names().size(); ++i) {
    INFO(lines[i]);
    CHECK(lines[i].ends_with(names()[i].on_screen));
  }
}

TEST_CASE("JSON lines contain the hostile names", "[host]") {
  const std::string text = output({"--format", "jsonl"});
  CHECK(harmful_bytes(text).empty());
  const std::vector<json> lines = json_lines(text);
  REQUIRE(lines.size() == names().size());
  for (std::size_t i = 0; i < names().size(); ++i) {
    CHECK(lines[i]["path"].get<std::string>() == names()[i].in_json);
    CHECK(lines[i]["comm"].get<std::string>() == "\x1b[31m\n\"x\xef\xbf\xbd");
  }

  if (run({"sh", "-c", "command -v jq"}).status != 0) {
    WARN("jq is not installed, so only one JSON reader has seen these lines");
    return;
  }
  const Finished jq =
      run({"jq", "-c", ".path"}, {.input = text, .environment = {}, .uid = 0, .directory = {}});
  CHECK(jq.status == 0);
  const std::vector<json> again = json_lines(jq.out);
  REQUIRE(again.size() == names().size());
  for (std::size_t i = 0; i < names().size(); ++i) CHECK(again[i].get<std::string>() == names()[i].in_json);
}

TEST_CASE("CSV contains the hostile names, byte for byte", "[host]") {
  const std::vector<std::vector<std::string>> records = parse_csv(output({"--format", "csv"}));
  REQUIRE(records.size() == 1 + names().size());
  CHECK(records[0] == std::vector<std::string>{"pid", "comm", "fd", "err", "path"});
  for (std::size_t i = 0; i < names().size(); ++i) {
    REQUIRE(records[i + 1].size() == 5);
    CHECK(records[i + 1][1] == "\x1b[31m\n\"x\xff");
    CHECK(records[i + 1][4] == names()[i].bytes.substr(0, 255));
  }
}
