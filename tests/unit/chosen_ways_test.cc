// Which way of each choice is tried, and what is reported about the others.
#include "engine/chosen_ways.h"

#include <fmt/format.h>

#include "spec/parse.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/catch.h"

using namespace probe_run;

namespace {

Spec spec_with(const std::string& programs) {
  const auto source = std::make_shared<SourceText>(
      "x.json", R"({"name": "x", "object": "o", "programs": [)" + programs + "]}");
  Diagnostics diagnostics(source);
  std::optional<Spec> spec = parse_spec(source, {}, MissingParameters::refuse, diagnostics);
  REQUIRE(spec);
  return std::move(*spec);
}

std::string program(const std::string& name, const std::string& more = {}) {
  return fmt::format(R"({{"name": "{}", "attach": {{"type": "fentry", "function": "{}"}}{}}})", name, name,
                     more);
}

std::string tried(const ChosenWays& ways) {
  std::string names;
  for (const ProgramSpec* one : ways.programs()) names += *one->name;
  return names;
}

const Located<AttachPoint>& point_of(const ChosenWays& ways, const std::string& name) {
  for (const ProgramSpec* one : ways.programs()) {
    if (*one->name == name) return one->attach.items.front();
  }
  throw Error("not tried: " + name);
}

Error refusal(const std::string& name) {
  return Error("cannot attach " + name, "hint of " + name);
}

LoadError not_loaded(const std::string& name) {
  return {"the kernel refused " + name + " of o: Operation not permitted", "the log", name};
}

std::string states(const ChosenWays& ways) {
  std::string text;
  for (const PointReport& point : ways.report()) {
    text += fmt::format("{} {} {}{}{}\n", point.program, point.point, name_of(point.state),
                        point.reason.empty() ? "" : ": ", point.reason);
  }
  return text;
}

}  // namespace

TEST_CASE("The first way of each choice is tried first, and the next one if it is refused") {
  const Spec spec = spec_with(program("z") + R"(, {"first_of": [)" + program("a") + "," + program("b") + "," +
                              program("c") + "]}");
  ChosenWays ways(spec);
  ways.begin_try();
  CHECK(tried(ways) == "za");
  CHECK_FALSE(ways.refuse(point_of(ways, "a"), refusal("a")));
  ways.begin_try();
  CHECK(tried(ways) == "zb");
  ways.refuse_load(not_loaded("b"));
  ways.begin_try();
  CHECK(tried(ways) == "zc");
  ways.attached(point_of(ways, "z"), "fentry:z (really)");
  ways.attached(point_of(ways, "c"), "fentry:c");
  CHECK(states(ways) ==
        "z fentry:z (really) attached\n"
        "a fentry:a refused: cannot attach a\n"
        "b fentry:b refused: the kernel refused b of o: Operation not permitted\n"
        "c fentry:c attached\n");
  CHECK(ways.passed_over() ==
        std::vector<std::string>{"cannot attach a", "the kernel refused b of o: Operation not permitted"});
  CHECK(ways.warnings().empty());
}

TEST_CASE("A way is taken as a whole: what was attached of a refused one does not count") {
  const Spec spec =
      spec_with(R"({"first_of": [[)" + program("a") + "," + program("b") + "]," + program("c") + "]}");
  ChosenWays ways(spec);
  ways.begin_try();
  CHECK(tried(ways) == "ab");
  ways.attached(point_of(ways, "a"), "fentry:a");
  CHECK_FALSE(ways.refuse(point_of(ways, "b"), refusal("b")));
  ways.begin_try();
  CHECK(tried(ways) == "c");
  CHECK(states(ways) ==
        "a fentry:a not_chosen\n"
        "b fentry:b refused: cannot attach b\n"
        "c fentry:c not_chosen\n");
}

TEST_CASE("If every way is refused, one error lists each with its reason and hint") {
  const Spec spec = spec_with(R"({"first_of": [)" + program("a") + "," + program("b") + "]}");
  ChosenWays ways(spec);
  ways.begin_try();
  CHECK_FALSE(ways.refuse(point_of(ways, "a"), refusal("a")));
  ways.begin_try();
  try {
    ways.refuse_load(not_loaded("b"));
    FAIL("no way is left");
  } catch (const Error& error) {
    const Diagnostic& said = error.diagnostics().front();
    CHECK(said.what == "none of these 2 alternatives works on this machine");
    CHECK(said.hint ==
          "1. cannot attach a\n"
          "   hint of a\n"
          "2. the kernel refused b of o: Operation not permitted\n"
          "   the log");
    REQUIRE(said.where);
    CHECK(said.where->column == 43);
  }
}

TEST_CASE("If every way of an optional choice is refused, a warning says so and the rest is tried") {
  const Spec spec = spec_with(program("z") + R"(, {"first_of": [)" + program("a") + "," + program("b") +
                              R"(], "optional": true})");
  ChosenWays ways(spec);
  ways.begin_try();
  CHECK_FALSE(ways.refuse(point_of(ways, "a"), refusal("a")));
  ways.begin_try();
  CHECK_FALSE(ways.refuse(point_of(ways, "b"), refusal("b")));
  ways.begin_try();
  CHECK(tried(ways) == "z");
  REQUIRE(ways.warnings().size() == 1);
  CHECK(ways.warnings()[0].severity == Diagnostic::Severity::warning);
  CHECK(ways.warnings()[0].what == "none of these 2 alternatives works on this machine");
  CHECK(ways.passed_over().empty());
}

TEST_CASE("An optional program that the kernel rejects is left out of the next attempt") {
  const Spec spec = spec_with(program("a", R"(, "optional": true)") + "," + program("b"));
  ChosenWays ways(spec);
  ways.begin_try();
  ways.refuse_load(not_loaded("a"));
  ways.begin_try();
  CHECK(tried(ways) == "b");
  REQUIRE(ways.warnings().size() == 1);
  CHECK(ways.warnings()[0].what == "the kernel refused a of o: Operation not permitted");
  CHECK(ways.warnings()[0].hint == "the log");
}

TEST_CASE("An optional program that failed to attach is tried again with the next way of another") {
  const Spec spec = spec_with(program("a", R"(, "optional": true)") + R"(, {"first_of": [)" + program("b") +
                              "," + program("c") + "]}");
  ChosenWays ways(spec);
  ways.begin_try();
  CHECK(ways.refuse(point_of(ways, "a"), refusal("a")));
  CHECK_FALSE(ways.refuse(point_of(ways, "b"), refusal("b")));
  ways.begin_try();
  CHECK(tried(ways) == "ac");
  CHECK(ways.warnings().empty());
}

TEST_CASE(
    "A load that no program is known to be refused for fails as it is, and so does that of a program alone") {
  const Spec spec =
      spec_with(R"({"first_of": [)" + program("a") + "," + program("b") + "]}, " + program("c"));
  ChosenWays ways(spec);
  ways.begin_try();
  CHECK_THROWS_WITH(ways.refuse_load(not_loaded("")), "the kernel refused  of o: Operation not permitted");
  CHECK_THROWS_WITH(ways.refuse_load(not_loaded("c")), "the kernel refused c of o: Operation not permitted");
  CHECK(states(ways).ends_with("c fentry:c refused: the kernel refused c of o: Operation not permitted\n"));
}
