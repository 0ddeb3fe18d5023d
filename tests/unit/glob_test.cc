#include "support/glob.h"

#include "support/catch.h"

using namespace probe_run;

namespace {

bool like(std::string_view text, std::string_view pattern) {
  Glob::Mistake mistake;
  const Glob glob = Glob::compile(pattern, mistake);
  INFO(mistake.what);
  CHECK(mistake.length == 0);
  return glob.matches(text);
}

std::string mistake_of(std::string_view pattern) {
  Glob::Mistake mistake;
  const Glob glob = Glob::compile(pattern, mistake);
  CHECK_FALSE(glob.matches(pattern));
  return std::string(pattern.substr(mistake.offset, mistake.length));
}

}  // namespace

TEST_CASE("A pattern without special characters matches itself") {
  CHECK(like("", ""));
  CHECK(like("abc", "abc"));
  CHECK_FALSE(like("abcd", "abc"));
  CHECK_FALSE(like("ab", "abc"));
}

TEST_CASE("A star matches any text") {
  CHECK(like("", "*"));
  CHECK(like("abc", "*"));
  CHECK(like("abc", "a*"));
  CHECK(like("abc", "*c"));
  CHECK(like("abc", "a**c"));
  CHECK(like("a/b/c", "a*c"));
  CHECK(like("mississippi", "m*iss*ip*i"));
  CHECK_FALSE(like("mississippi", "m*iss*iss*iss*"));
  CHECK_FALSE(like("abd", "a*c"));
}

TEST_CASE("A question mark matches one character, however many bytes it has") {
  CHECK(like("a", "?"));
  CHECK(like("\xe4\xb8\xad", "?"));
  CHECK(like("\xff", "?"));
  CHECK_FALSE(like("", "?"));
  CHECK_FALSE(like("ab", "?"));
}

TEST_CASE("Brackets match one of their characters") {
  CHECK(like("b", "[abc]"));
  CHECK(like("b", "[a-c]"));
  CHECK_FALSE(like("d", "[a-c]"));
  CHECK(like("d", "[!a-c]"));
  CHECK(like("d", "[^a-c]"));
  CHECK(like("]", "[]]"));
  CHECK(like("-", "[a-]"));
  CHECK(like("\xc3\xa9", "[\xc3\xa0-\xc3\xbf]"));
  CHECK_FALSE(like("\xe9", "[\xc3\xa0-\xc3\xbf]"));
  CHECK(like("x9", "x[0-9]"));
}

TEST_CASE("A backslash escapes a special character") {
  CHECK(like("*", "\\*"));
  CHECK_FALSE(like("a", "\\*"));
  CHECK(like("[a]", "\\[a]"));
  CHECK(like("a\\b", "a\\\\b"));
}

TEST_CASE("Text that is not a pattern is reported and matches nothing") {
  CHECK(mistake_of("a[bc") == "[bc");
  CHECK(mistake_of("[z-a]") == "z-a");
  CHECK(mistake_of("a\\d") == "\\d");
  CHECK(mistake_of(std::string(1025, 'a')).size() == 1025);
}

TEST_CASE("Matching many stars takes no more than the product of the lengths") {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  CHECK_FALSE(like(std::string(20'000, 'a') + "b", pattern));
}
