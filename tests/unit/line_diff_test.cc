#include <random>

#include "command/diff.h"
#include "support/catch.h"

using namespace probe_run;

namespace {

using Lines = std::vector<std::string_view>;

// The result of applying the edits to `before`.
Lines edited(const Lines& before, const Lines& after, const std::vector<LineEdit>& edits) {
  Lines result;
  std::size_t at = 0;
  for (const LineEdit& edit : edits) {
    for (; at < edit.old_begin; ++at) result.push_back(before[at]);
    for (std::size_t i = edit.new_begin; i < edit.new_end; ++i) result.push_back(after[i]);
    at = edit.old_end;
  }
  for (; at < before.size(); ++at) result.push_back(before[at]);
  return result;
}

std::size_t cost(const std::vector<LineEdit>& edits) {
  std::size_t lines = 0;
  for (const LineEdit& edit : edits) lines += edit.old_end - edit.old_begin + edit.new_end - edit.new_begin;
  return lines;
}

// The textbook's table of the longest common subsequence.
std::size_t least_cost(const Lines& a, const Lines& b) {
  std::vector<std::vector<std::size_t>> common(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      common[i][j] =
          a[i - 1] == b[j - 1] ? common[i - 1][j - 1] + 1 : std::max(common[i - 1][j], common[i][j - 1]);
    }
  }
  return a.size() + b.size() - 2 * common[a.size()][b.size()];
}

}  // namespace

TEST_CASE("A line diff is the shortest that turns one text into the other") {
  std::mt19937 random(7);  // NOLINT(*-msc51-cpp)
  const std::string_view words[] = {"a", "b", "c", ""};
  for (unsigned round = 0; round < 5000; ++round) {
    Lines before(random() % 12);
    Lines after(random() % 12);
    for (std::string_view& line : before) line = words[random() % 4];
    for (std::string_view& line : after) line = words[random() % 4];
    const std::vector<LineEdit> edits = line_diff(before, after);
    CAPTURE(before, after);
    REQUIRE(edited(before, after, edits) == after);
    REQUIRE(cost(edits) == least_cost(before, after));
  }
}

TEST_CASE("A line diff beyond its bound is correct, if not the shortest") {
  std::mt19937 random(8);  // NOLINT(*-msc51-cpp)
  const std::string_view words[] = {"a", "b", "c", "d", "e", "f"};
  for (unsigned round = 0; round < 1000; ++round) {
    Lines before(random() % 40);
    Lines after(random() % 40);
    for (std::string_view& line : before) line = words[random() % 6];
    for (std::string_view& line : after) line = words[random() % 6];
    REQUIRE(edited(before, after, line_diff(before, after, random() % 8)) == after);
  }
}

TEST_CASE("A line diff of large texts that share nothing is quick") {
  std::vector<std::string> texts;
  for (unsigned i = 0; i < 400'000; ++i) texts.push_back(std::to_string(i));
  const Lines before(texts.begin(), texts.begin() + 200'000);
  const Lines after(texts.begin() + 200'000, texts.end());
  CHECK(line_diff(before, after) == std::vector<LineEdit>{{0, 200'000, 0, 200'000}});
}

TEST_CASE("Lines are split at newlines") {
  CHECK(split_lines("") == Lines{});
  CHECK(split_lines("a") == Lines{"a"});
  CHECK(split_lines("a\n") == Lines{"a"});
  CHECK(split_lines("\n\na\n") == Lines{"", "", "a"});
}

TEST_CASE("A diff shows line numbers, context and changes") {
  CHECK(diff_text("a\nb\n", "a\nb\n") == "");
  CHECK(diff_text("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") ==
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  CHECK(diff_text("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "2\n3\n4\n5\n6\n7\n8\n9\n10\n") ==
        "@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -7,3 +6,4 @@\n 7\n 8\n 9\n+10\n");
  CHECK(diff_text("1\n2\n3\n4\n5\n", "x\n2\n3\n4\ny\n") == "@@ -1,5 +1,5 @@\n-1\n+x\n 2\n 3\n 4\n-5\n+y\n");
  CHECK(diff_text("", "a\n") == "@@ -0,0 +1,1 @@\n+a\n");
  CHECK(diff_text("a\n", "") == "@@ -1,1 +0,0 @@\n-a\n");
}

TEST_CASE("A diff makes invisible characters visible") {
  CHECK(diff_text("a\x1b[2Jb \n", "a\xff\xe2\x80\xae\tb\n") ==
        "@@ -1,1 +1,1 @@\n-a<1B>[2Jb·\n+a<FF><U+202E><09>b\n");
  CHECK(diff_text("a", "a\n") == "@@ -1,1 +1,1 @@\n-a\n\\ no newline at the end\n+a\n");
  CHECK(diff_text("\xc2\x9b\n", "\\\n") == "@@ -1,1 +1,1 @@\n-<U+009B>\n+\\\n");
}

TEST_CASE("A diff cuts long lines around the differences") {
  DiffStyle style;
  style.width = 20;
  const std::string front(100, 'a');
  const std::string back(100, 'b');
  CHECK(diff_text(front + "1" + back, front + "2" + back, style) ==
        "@@ -1,1 +1,1 @@\n-…aaaaa1bbbbbbbbbbbbbb…\n\\ no newline at the end\n"
        "+…aaaaa2bbbbbbbbbbbbbb…\n\\ no newline at the end\n");
  CHECK(diff_text("x\n" + front + "\n", "y\n" + front + "\n", style) ==
        "@@ -1,2 +1,2 @@\n-x\n+y\n " + std::string(20, 'a') + "…\n");
  CHECK(diff_text(front + "\n", front + "b\n", style) ==
        "@@ -1,1 +1,1 @@\n-…" + std::string(20, 'a') + "\n+…" + std::string(19, 'a') + "b\n");
}

TEST_CASE("A very long diff is cut, and says how much is left out") {
  DiffStyle style;
  style.most = 3;
  CHECK(diff_text("1\n2\n3\n", "4\n5\n6\n", style) == "@@ -1,3 +1,3 @@\n-1\n-2\n... and 4 more lines\n");
  style.most = 100;
  style.colours = true;
  CHECK(diff_text("1\n2\n", "1\n3\n", style) ==
        "\x1b[36m@@ -1,2 +1,2 @@\x1b[0m\n 1\n\x1b[31m-2\x1b[0m\n\x1b[32m+3\x1b[0m\n");
}
