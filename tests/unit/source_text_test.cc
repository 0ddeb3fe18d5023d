#include "support/source_text.h"

#include "support/catch.h"

using namespace probe_run;

namespace {

Excerpt excerpt(const std::string& text, std::size_t begin, std::size_t end) {
  return SourceText("spec.json", text).excerpt({begin, end});
}

std::string place(const Excerpt& e) {
  return std::to_string(e.line) + ":" + std::to_string(e.column);
}

std::string caret(const Excerpt& e) {
  return std::to_string(e.caret_column) + "+" + std::to_string(e.caret_length);
}

}  // namespace

TEST_CASE("An excerpt has the line, the column and a caret of the span's length") {
  const Excerpt e = excerpt("one\ntwo three\nfour", 8, 13);
  CHECK(e.file == "spec.json");
  CHECK(place(e) == "2:5");
  CHECK(e.text == "two three");
  CHECK(caret(e) == "5+5");
}

TEST_CASE("An excerpt of the first and of the last character") {
  CHECK(place(excerpt("ab\ncd", 0, 1)) == "1:1");
  CHECK(place(excerpt("ab\ncd", 4, 5)) == "2:2");
}

TEST_CASE("A caret ends with its line") {
  const Excerpt e = excerpt("{ \"a\": [\n1,\n2 ] }", 7, 17);
  CHECK(e.text == "{ \"a\": [");
  CHECK(caret(e) == "8+1");
}

TEST_CASE("An empty span still has a caret") {
  CHECK(caret(excerpt("abc", 1, 1)) == "2+1");
}

TEST_CASE("A tab takes one column, so that the caret stays below its target") {
  const Excerpt e = excerpt("\t\tkey", 2, 5);
  CHECK(place(e) == "1:3");
  CHECK(e.text == "  key");
  CHECK(caret(e) == "3+3");
}

TEST_CASE("The carriage return of a CRLF line is not part of it") {
  const Excerpt e = excerpt("ab\r\ncd\r\n", 4, 6);
  CHECK(place(e) == "2:1");
  CHECK(e.text == "cd");
  CHECK(caret(e) == "1+2");
}

TEST_CASE("An offset at the newline is after the line's last character") {
  CHECK(place(excerpt("ab\ncd", 2, 3)) == "1:3");
  CHECK(place(excerpt("ab\r\ncd", 2, 3)) == "1:3");
  CHECK(excerpt("ab\r\ncd", 3, 4).text == "ab");
}

TEST_CASE("Columns are counted in characters, not in bytes") {
  const std::string text = "\"\xc3\xa9\xe4\xb8\xad\" x";
  const Excerpt e = excerpt(text, text.size() - 1, text.size());
  CHECK(place(e) == "1:6");
  CHECK(e.text == text);
  CHECK(caret(e) == "6+1");
}

TEST_CASE("Control characters and invalid bytes do not reach the terminal") {
  const Excerpt e = excerpt(
      "a\x1b[2J\xff\xe2\x80\xae"
      "b",
      9, 10);
  CHECK(e.text == "a?[2J??b");
  CHECK(caret(e) == "8+1");
}

TEST_CASE("The file's name in an excerpt is safe for a terminal") {
  CHECK(SourceText("a\x1b.json", "x").excerpt({0, 1}).file == R"(a\x1b.json)");
}

TEST_CASE("A long line is cut around the column") {
  const std::string text = std::string(500, 'a') + "HERE" + std::string(500, 'b');
  const Excerpt e = excerpt(text, 500, 504);
  CHECK(place(e) == "1:501");
  CHECK(e.text == "..." + std::string(50, 'a') + "HERE" + std::string(46, 'b') + "...");
  CHECK(caret(e) == "54+4");
}

TEST_CASE("A long line is not cut before a column at its beginning") {
  const Excerpt e = excerpt(std::string(500, 'a'), 3, 5);
  CHECK(e.text == std::string(100, 'a') + "...");
  CHECK(caret(e) == "4+2");
}

TEST_CASE("The caret of a long span ends with the shown part of the line") {
  CHECK(caret(excerpt(std::string(500, 'a'), 10, 400)) == "11+90");
}

TEST_CASE("Offsets past the end mean the end") {
  CHECK(place(excerpt("ab", 2, 2)) == "1:3");
  CHECK(place(excerpt("ab", 1000, 2000)) == "1:3");
  CHECK(place(excerpt("ab", SIZE_MAX, SIZE_MAX)) == "1:3");
  CHECK(place(excerpt("ab\n", 3, 4)) == "2:1");
  CHECK(place(excerpt("", 0, 0)) == "1:1");
  CHECK(excerpt("ab", 5, 1).text == "ab");
}

TEST_CASE("Every offset of a text has an excerpt whose caret is within reach") {
  const std::string text = "a\xc3\xa9\r\n\n\t\xf0\x9f\x98\x80\xff\n" + std::string(300, 'x') + "\r\n";
  for (std::size_t begin = 0; begin <= text.size() + 1; ++begin) {
    for (const std::size_t length : {0u, 1u, 200u}) {
      const Excerpt e = excerpt(text, begin, begin + length);
      CAPTURE(begin, length, e.text, e.caret_column);
      CHECK(e.caret_column >= 1);
      CHECK(e.caret_column <= e.text.size() + 2);
      CHECK(e.caret_length >= 1);
    }
  }
}

TEST_CASE("Diagnostics come in the order of the text") {
  Diagnostics diagnostics(std::make_shared<SourceText>("spec.json", "one\ntwo\nthree"));
  diagnostics.error({8, 9}, "third");
  diagnostics.error({4, 5}, "second");
  diagnostics.error({0, 1}, "first");
  std::string order;
  for (const Diagnostic& d : diagnostics.all()) order += d.what + " ";
  CHECK(order == "first second third ");
}

TEST_CASE("Only an error makes diagnostics fail") {
  Diagnostics diagnostics(std::make_shared<SourceText>("spec.json", "text"));
  diagnostics.warning({0, 1}, "a warning");
  CHECK_FALSE(diagnostics.failed());
  CHECK_NOTHROW(diagnostics.throw_if_failed());
  diagnostics.error({0, 1}, "an error");
  CHECK(diagnostics.failed());
  try {
    diagnostics.throw_if_failed();
    FAIL("it did not throw");
  } catch (const Error& error) {
    CHECK(error.diagnostics().size() == 2);
  }
}

TEST_CASE("Fifty mistakes are shown, and the rest is counted") {
  Diagnostics diagnostics(std::make_shared<SourceText>("spec.json", std::string(100, 'x')));
  for (std::size_t i = 60; i > 0; --i) diagnostics.error({i, i + 1}, std::to_string(i));
  const std::vector<Diagnostic> all = diagnostics.all();
  REQUIRE(all.size() == 51);
  CHECK(all.front().what == "1");
  CHECK(all[49].what == "50");
  CHECK(to_text(all.back()) == "probe-run: error: spec.json: 10 more mistakes are not shown\n");
}

TEST_CASE("The thousandth mistake ends the reading of a text") {
  Diagnostics diagnostics(std::make_shared<SourceText>("spec.json", "text"));
  for (std::size_t i = 1; i < Diagnostics::limit; ++i) diagnostics.error({0, 1}, std::to_string(i));
  try {
    diagnostics.error({0, 1}, "1000");
    FAIL("it did not throw");
  } catch (const SpecError& error) {
    CHECK(error.diagnostics().size() == Diagnostics::shown + 1);
    CHECK(error.diagnostics().back().what == "spec.json: at least 950 more mistakes are not shown");
  }
}

TEST_CASE("The line of an offset") {
  const SourceText text("spec.json", "\xef\xbb\xbfone\ntwo\n");
  CHECK(text.line(0) == 1);
  CHECK(text.line(6) == 1);
  CHECK(text.line(7) == 2);
  CHECK(text.line(11) == 3);
  CHECK(text.line(1000) == 3);
}
