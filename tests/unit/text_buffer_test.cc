#include "support/text_buffer.h"

#include <limits>
#include <string>

#include "support/catch.h"

using namespace probe_run;

TEST_CASE("A new text buffer is empty") {
  const TextBuffer out;
  CHECK(out.empty());
  CHECK(out.view().empty());
}

TEST_CASE("A text buffer keeps what is appended, however much") {
  TextBuffer out;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    out.append(std::to_string(i));
    out.append(',');
    out.append(static_cast<std::size_t>(i % 7), '-');
    expected += std::to_string(i) + ',' + std::string(static_cast<std::size_t>(i % 7), '-');
  }
  CHECK(out.view() == expected);
  CHECK(out.size() == expected.size());
}

TEST_CASE("Appending nothing to a text buffer changes nothing") {
  TextBuffer out;
  out.append("");
  out.append(0, 'x');
  CHECK(out.empty());
}

TEST_CASE("A cleared text buffer keeps its memory") {
  TextBuffer out;
  out.append(10'000, 'x');
  const char* const before = out.view().data();
  out.clear();
  CHECK(out.empty());
  out.append(10'000, 'y');
  CHECK(out.view().data() == before);
}

TEST_CASE("Text written into a text buffer's free space counts when it is committed") {
  TextBuffer out;
  out.append("a");
  char* const room = out.room(3);
  room[0] = 'b';
  room[1] = 'c';
  CHECK(out.view() == "a");
  out.commit(1);
  CHECK(out.view() == "ab");
  out.commit_to(room + 2);
  CHECK(out.view() == "abc");
}

TEST_CASE("Numbers are appended in decimal") {
  TextBuffer out;
  append_number(out, std::uint64_t{0});
  out.append(' ');
  append_number(out, std::numeric_limits<std::uint64_t>::max());
  out.append(' ');
  append_number(out, std::numeric_limits<std::int64_t>::min());
  CHECK(out.view() == "0 18446744073709551615 -9223372036854775808");
}

TEST_CASE("Escaping returns the width of the text in columns") {
  const auto columns = [](std::string_view text) {
    TextBuffer out;
    return append_escaped(out, text);
  };
  CHECK(columns("") == 0);
  CHECK(columns("abc") == 3);
  CHECK(columns("caf\xc3\xa9") == 4);
  CHECK(columns("\xe4\xb8\xad\xe6\x96\x87") == 4);
  CHECK(columns("e\xcc\x81") == 1);
  CHECK(columns("\x1b") == 4);
  CHECK(columns("\\") == 2);
  CHECK(columns("\n") == 2);
  CHECK(columns("\xff") == 4);
  CHECK(columns("\xe2\x80\xae") == 8);
}
