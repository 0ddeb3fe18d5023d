#include "support/suggest.h"

#include "support/catch.h"

using namespace probe_run;

namespace {

std::string near(std::string_view name, const std::vector<std::string>& candidates) {
  return std::string(nearest(name, views(candidates)));
}

}  // namespace

TEST_CASE("A name with one character wrong, missing or too many has a nearest name") {
  CHECK(near("progams", {"maps", "programs", "outputs"}) == "programs");
  CHECK(near("programms", {"maps", "programs"}) == "programs");
  CHECK(near("prograns", {"maps", "programs"}) == "programs");
}

TEST_CASE("A swap of two neighbours counts as one edit") {
  CHECK(near("ipd", {"pid"}) == "pid");
  CHECK(near("mpa", {"map"}) == "map");
  CHECK(near("abc", {"cba"}).empty());
}

TEST_CASE("A change of case counts less than a change of character") {
  CHECK(near("Comm", {"coma", "comm"}) == "comm");
}

TEST_CASE("A name in upper case, as tables print it, finds the one in lower case") {
  CHECK(near("Pid", {"pad", "pid"}) == "pid");
  CHECK(near("PID", {"ppid", "pid"}) == "pid");
  CHECK(near("COMM", {"pid", "comm"}) == "comm");
}

TEST_CASE("No name is nearest when none is near") {
  CHECK(near("interface", {"pid", "comm"}).empty());
  CHECK(near("x", {}).empty());
  CHECK(near("", {"pid", "comm"}).empty());
}

TEST_CASE("The name itself is never suggested") {
  CHECK(near("pid", {"pid"}).empty());
}

TEST_CASE("The nearest of several similar names wins") {
  CHECK(near("tracepoin", {"raw_tracepoint", "tracepoint"}) == "tracepoint");
}

TEST_CASE("A name of absurd length has no nearest name") {
  CHECK(near(std::string(5000, 'x'), {std::string(4999, 'x')}).empty());
}

TEST_CASE("A suggestion names the similar name") {
  const std::vector<std::string_view> names{"pid", "comm"};
  CHECK(suggestion("pdi", names, "fields") == "did you mean \"pid\"?");
}

TEST_CASE("A suggestion lists the known names if none is similar") {
  const std::vector<std::string_view> names{"pid", "comm"};
  CHECK(suggestion("interface", names, "fields") == "fields: pid, comm");
  CHECK(suggestion("interface", names, "").empty());
  CHECK(suggestion("interface", {}, "fields").empty());
}

TEST_CASE("A suggestion lists twelve names at most") {
  std::vector<std::string> names;
  for (int i = 0; i < 15; ++i) names.push_back("name" + std::to_string(i));
  CHECK(suggestion("completely else", views(names), "fields") ==
        "fields: name0, name1, name2, name3, name4, name5, name6, name7, name8, name9, name10, name11, and 3 "
        "more");
}

TEST_CASE("A suggestion is safe for a terminal") {
  const std::vector<std::string_view> names{"pi\x1b"};
  CHECK(suggestion("pi", names, "fields") == R"(did you mean "pi\x1b"?)");
}

TEST_CASE("Words are joined as in a sentence") {
  CHECK(join(std::vector<std::string_view>{}).empty());
  CHECK(join(std::vector<std::string_view>{"a"}) == "a");
  CHECK(join(std::vector<std::string_view>{"a", "b"}) == "a and b");
  CHECK(join(std::vector<std::string_view>{"a", "b", "c"}, " or ") == "a, b or c");
}

TEST_CASE("Of two equally near names, the one with the same beginning is nearest") {
  CHECK(near("bsh", {"ssh", "bash"}) == "bash");
  CHECK(near("bsh", {"ssh"}) == "ssh");
  CHECK(near("xomm", {"comm"}) == "comm");
}

TEST_CASE("A name of one character only matches its other case") {
  CHECK(near("h", {"o", "hi"}).empty());
  CHECK(near("H", {"o", "h"}) == "h");
}
