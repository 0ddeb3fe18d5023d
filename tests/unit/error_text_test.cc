#include <cerrno>

#include "support/catch.h"
#include "support/error.h"

using namespace probe_run;

TEST_CASE("A diagnostic with a place shows the line and a caret under it") {
  const Diagnostic diagnostic{Diagnostic::Severity::error, "unknown field \"pdi\"", "did you mean \"pid\"?",
                              Excerpt{"spec.json", 12, 7, "    \"pdi\"", 5, 5}};
  CHECK(to_text(diagnostic) ==
        "spec.json:12:7: error: unknown field \"pdi\"\n"
        "  12 |     \"pdi\"\n"
        "     |     ^~~~~\n"
        "  hint: did you mean \"pid\"?\n");
}

TEST_CASE("The caret stands below the first column too") {
  const Diagnostic diagnostic{Diagnostic::Severity::warning, "odd", "", Excerpt{"s.json", 1, 1, "{}", 1, 1}};
  CHECK(to_text(diagnostic) ==
        "s.json:1:1: warning: odd\n"
        "  1 | {}\n"
        "    | ^\n");
}

TEST_CASE("A diagnostic without a place begins with the program's name") {
  CHECK(
      to_text(Diagnostic{Diagnostic::Severity::error, "cannot open x: No such file or directory", "", {}}) ==
      "probe-run: error: cannot open x: No such file or directory\n");
}

TEST_CASE("The lines of a hint are aligned") {
  CHECK(to_text(Diagnostic{Diagnostic::Severity::error, "refused", "first\nsecond", {}}) ==
        "probe-run: error: refused\n"
        "  hint: first\n"
        "        second\n");
}

TEST_CASE("what() of an error is its first diagnostic") {
  const Error error("what went wrong", "what to do");
  CHECK(std::string(error.what()) == "what went wrong");
  REQUIRE(error.diagnostics().size() == 1);
  CHECK(error.diagnostics().front().hint == "what to do");
}

TEST_CASE("An errno is a text, whatever its sign") {
  CHECK(errno_text(EACCES) == "Permission denied");
  CHECK(errno_text(-EACCES) == "Permission denied");
}
