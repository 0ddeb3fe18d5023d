// The parser of docs/attach-points.md, with which two test tiers compare their results.
#include "support/attach_table.h"

#include "support/catch.h"

using namespace test;

namespace {

constexpr const char* document = R"(What it says above.

| type | variant | 5.10 | 6.1 |
|---|---|---|---|
| `tc` | ingress | seen | seen |
| `run` |  | refused (1) | seen |

The refusals:

1. `the kernel refused it: Invalid argument`
)";

}  // namespace

TEST_CASE("the table of attach points is parsed with its error messages") {
  const AttachTable table(document);
  CHECK(table.kernels() == std::vector<std::string>{"5.10", "6.1"});
  CHECK(table.rows() == std::vector<AttachRow>{{"tc", "ingress"}, {"run", ""}});
  REQUIRE(table.find({"tc", "ingress"}, "5.10") != nullptr);
  CHECK(in_words(*table.find({"tc", "ingress"}, "5.10")) == "seen");
  REQUIRE(table.find({"run", ""}, "5.10") != nullptr);
  CHECK(in_words(*table.find({"run", ""}, "5.10")) == "refused: the kernel refused it: Invalid argument");
  CHECK(table.find({"run", ""}, "6.12") == nullptr);
  CHECK(table.find({"tc", "egress"}, "6.1") == nullptr);
}

TEST_CASE("a table of attach points with an empty cell is an error") {
  const std::string head = "| type | variant | 6.1 |\n|---|---|---|\n";
  CHECK_THROWS_WITH(AttachTable(head + "| `tc` | ingress |  |\n"), "no outcome: ");
  CHECK_THROWS_WITH(AttachTable(head + "| `tc` | ingress | refused (1) |\n"), "no outcome: refused (1)");
  CHECK_THROWS_WITH(AttachTable(head + "| `tc` | ingress |\n"),
                    "a row with the wrong number of cells: | `tc` | ingress |");
  CHECK_THROWS_WITH(AttachTable("nothing"), "no table found");
}
