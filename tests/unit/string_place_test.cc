#include "spec/string_place.h"

#include "support/catch.h"

using namespace probe_run;

namespace {

// The part of the file for these bytes of the string's text.
std::string part(const std::string& written, const std::string& meant, std::size_t offset,
                 std::size_t length) {
  const SourceText source("spec.json", "{" + written + "}");
  const Located<std::string> text{meant, {1, 1 + written.size()}};
  const Span span = place_in(text, source, offset, length);
  return std::string(source.text().substr(span.begin, span.end - span.begin));
}

}  // namespace

TEST_CASE("A location in a string is a location in the file") {
  CHECK(part(R"("pid == 1")", "pid == 1", 0, 3) == "pid");
  CHECK(part(R"("pid == 1")", "pid == 1", 7, 1) == "1");
}

TEST_CASE("Escapes before the location and in it are counted as written") {
  CHECK(part(R"("a\n\"b\" cd")", "a\n\"b\" cd", 6, 2) == "cd");
  CHECK(part(R"("a\n\"b\" cd")", "a\n\"b\" cd", 2, 3) == R"(\"b\")");
  CHECK(part(R"("\u0041\u00e9\u4e2d\ud83d\ude00x")", "A\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80x", 10, 1) == "x");
  CHECK(part(R"("\u0041\u00e9\u4e2d\ud83d\ude00x")", "A\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80x", 6, 4) ==
        R"(\ud83d\ude00)");
}

TEST_CASE("Text that is not from the file has the location of the whole string") {
  CHECK(part(R"("pid == ${p}")", "pid == 42", 7, 2) == R"("pid == ${p}")");
  CHECK(part(R"("pid == ${pi}")", "pid == 12345", 7, 2) == R"("pid == ${pi}")");
}
