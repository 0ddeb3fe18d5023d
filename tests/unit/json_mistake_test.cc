// Mistakes in the text of a spec: each is reported once, at its cause, with what to write.
#include <string>
#include <vector>

#include "spec/json_reader.h"
#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

struct Mistake {
  std::string text;
  std::string place, what, hint;
};

void check(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.text);
    Diagnostics diagnostics = test::no_diagnostics(mistake.text);
    CHECK_FALSE(read_json(diagnostics));
    const std::vector<Diagnostic> all = diagnostics.all();
    REQUIRE(all.size() == 1);
    REQUIRE(all[0].where);
    CHECK(std::to_string(all[0].where->line) + ":" + std::to_string(all[0].where->column) == mistake.place);
    CHECK(all[0].what == "not valid JSON: " + mistake.what);
    CHECK(all[0].hint == mistake.hint);
  }
}

}  // namespace

TEST_CASE("Characters that look like ASCII are named") {
  const std::string straight = "use straight double quotes (\") for keys and strings";
  check({{"{ “name”: 1 }", "1:3", "U+201C is a typographic quote", straight},
         {"{ \"name\": ‘x’ }", "1:11", "U+2018 is a typographic quote", straight},
         {"{ «name»: 1 }", "1:3", "U+00AB is a typographic quote", straight},
         {"{ \"name”: \"x\" }", "1:8", "U+201D is a typographic quote",
          "end the string with a straight double quote (\")"},
         {"{ \"name\": \"x”\n}", "1:13", "U+201D is a typographic quote",
          "end the string with a straight double quote (\")"},
         {"{\n\u00a0 \"name\": 1 }", "2:1", "U+00A0 is not an ASCII space", "replace it by a space"},
         {"{ \"name\":\u3000 1 }", "1:10", "U+3000 is not an ASCII space", "replace it by a space"},
         {"{ \"name\":\u200b 1 }", "1:10", "U+200B is an invisible character", "delete it"},
         {"{ \"name\": −5 }", "1:11", "U+2212 is not the ASCII minus sign", "write -"},
         {"{ \"name\"： 5 }", "1:9", "U+FF1A is not an ASCII character", "write :"}});
}

TEST_CASE("A word that JSON does not have is refused with what to write") {
  check({{"[False]", "1:2", "False is not a JSON value", "did you mean false?"},
         {"[TRUE]", "1:2", "TRUE is not a JSON value", "did you mean true?"},
         {"[nullx]", "1:2", "nullx is not a JSON value", "did you mean null?"},
         {"[yes]", "1:2", "yes is not a JSON value", "write true or false"},
         {"[off]", "1:2", "off is not a JSON value", "write true or false"},
         {"[None]", "1:2", "None is not a JSON value", "leave the key out, or write null"},
         {"[NaN]", "1:2", "NaN is not a JSON value", "JSON has only finite numbers"},
         {"{ \"as\": ktime }", "1:9", "ktime is not a JSON value",
          "write a string in double quotes: \"ktime\""},
         {"{ as: 1 }", "1:3", "the key as is not in double quotes", "write \"as\""},
         {"{ 'as': 1 }", "1:3", "' does not begin a string", "write keys and strings in double quotes"}});
}

TEST_CASE("A number that JSON does not have is refused with what to write") {
  check({{"[010]", "1:2", "010 is not a JSON number", "write 10: a number has no leading zeros"},
         {"[-01]", "1:2", "-01 is not a JSON number", "write -1: a number has no leading zeros"},
         {"[00]", "1:2", "00 is not a JSON number", "write 0: a number has no leading zeros"},
         {"[0x10]", "1:2", "0x10 is not a JSON number", "write 16"},
         {"[0b101]", "1:2", "0b101 is not a JSON number", "write 5"},
         {"[+5]", "1:2", "+5 is not a JSON number", "write 5"},
         {"[.5]", "1:2", ".5 is not a JSON number", "write a digit before the point, such as 0.5"},
         {"[5.]", "1:2", "5. is not a JSON number", "write a digit after the point, such as 1.0"},
         {"[1_000]", "1:2", "1_000 is not a JSON number", "write only its digits"},
         {"[10ms]", "1:2", "10ms is not a JSON number", "write text in double quotes: \"10ms\""},
         {"[-]", "1:2", "- is not a JSON number", "write digits, such as 10, -1 or 1.5e-9"}});
}

TEST_CASE("A quote within a string ends it, and that is reported there") {
  const std::string what = "the string ends here, but text follows";
  const std::string hint = "write a quote within a string as \\\", or in a condition as ': comm == 'bash'";
  check({{R"({ "where": "comm == "bash"" })", "1:21", what, hint},
         {R"({ "where": "comm == """ })", "1:21", what, hint},
         {R"({ "description": "says " hello" })", "1:24", what, hint}});
}

TEST_CASE("A bracket that is not closed is named with its place") {
  check({{"{\"a\": [\n{\"b\": [1, 2],\n]}", "3:1", "the \"{\" of line 2, column 1 is not closed",
          "add \"}\" before this"},
         {"{\"a\": [\n  { \"x\": 1\n  { \"x\": 2 }\n]}", "3:3", "the \"{\" of line 2, column 3 is not closed",
          "add \"}\" before this"},
         {"{\"a\": [\n  { \"x\": 1,\n  { \"x\": 2 }\n]}", "3:3",
          "the \"{\" of line 2, column 3 is not closed", "add \"}\" before this"},
         {"{\"a\": [1\n}", "2:1", "the \"[\" of line 1, column 7 is not closed", "add \"]\" before this"},
         {"{\"a\": [\"b\": 1] }", "1:11", "the \"[\" of line 1, column 7 is not closed",
          "add \"]\" before this, or write an object in braces: { \"key\": ... }"},
         {"{\"a\": [\n  { \"b\": 1", "2:3", "\"{\" is not closed", "add \"}\" where it ends"},
         {"[1,", "1:1", "\"[\" is not closed", "add \"]\" where it ends"},
         // The last bracket closes another than its indentation says.
         {"{\n  \"a\": {\n    \"b\": {\n      \"c\": 1\n  },\n  \"d\": []\n}\n", "3:10",
          "\"{\" is not closed", "add \"}\" where it ends"},
         {"{\n  \"a\": []\n},\n  \"b\": []\n}\n", "3:1", "the spec ends here, but more follows",
          "remove this bracket or the text after it: a spec is one JSON object"}});
}

TEST_CASE("What is missing between two tokens is named") {
  check({{"{\"a\": 1 \"b\": 2}", "1:9", "unexpected string literal; expected ',' or '}'",
          "add a comma after the last item"},
         {"[\"a\" \"b\"]", "1:6", "unexpected string literal; expected ',' or ']'",
          "add a comma after the last item"},
         {"{\"a\" []}", "1:6", "unexpected '['; expected ':'", "add a colon after the key"},
         {"{\"a\" = 1}", "1:6", "unexpected \"=\"", "write \":\" between a key and its value"},
         {"{\"a\": 1; \"b\": 2}", "1:8", "unexpected \";\"", "write \",\" between items"},
         {"[1,,2]", "1:4", "unexpected ','; expected '[', '{', or a literal",
          "remove the comma, or add what is missing before it"},
         {"{\"a\": }", "1:7", "unexpected '}'; expected '[', '{', or a literal",
          "add the value after the colon"}});
}

TEST_CASE("Another encoding, and a compressed file, are named") {
  const auto refused = [](const std::string& text, const std::string& what, const std::string& hint) {
    CAPTURE(what, text.size());
    Diagnostics diagnostics = test::no_diagnostics(text);
    CHECK_FALSE(read_json(diagnostics));
    REQUIRE(diagnostics.all().size() == 1);
    const Diagnostic only = diagnostics.all()[0];
    CHECK_FALSE(only.where);
    CHECK(only.what.ends_with(what));
    CHECK(only.hint == hint);
  };
  const auto wide = [&](std::string_view begin, const std::string& name) {
    refused(std::string(begin), ": the file is " + name + ", not UTF-8",
            "save it as UTF-8: iconv -f " + name + " -t UTF-8");
  };
  using namespace std::string_view_literals;
  wide("\xff\xfe{\0\"\0"sv, "UTF-16");
  wide("\xfe\xff\0{\0\""sv, "UTF-16");
  wide("{\0\"\0"sv, "UTF-16");
  wide("\0{\0\""sv, "UTF-16");
  wide("\xff\xfe\0\0{\0\0\0"sv, "UTF-32");
  wide("{\0\0\0\"\0\0\0"sv, "UTF-32");
  refused("\x1f\x8b\x08", ": the file is compressed", "decompress it first: gzip -d");
  refused("\x28\xb5\x2f\xfd", ": the file is compressed", "decompress it first: zstd -d");
}
