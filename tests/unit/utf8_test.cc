#include "support/utf8.h"

#include <locale.h>
#include <wchar.h>

#include "support/catch.h"

using namespace probe_run;

namespace {

void require_invalid(std::string_view text) {
  const Utf8Character c = next_utf8(text);
  CAPTURE(escape_for_terminal(text));
  CHECK_FALSE(c.valid);
  CHECK(c.length == 1);
  CHECK(static_cast<unsigned>(c.code_point) == static_cast<unsigned char>(text[0]));
}

void require_valid(std::string_view text, char32_t code_point) {
  const Utf8Character c = next_utf8(text);
  CAPTURE(escape_for_terminal(text));
  CHECK(c.valid);
  CHECK(c.length == text.size());
  CHECK(static_cast<unsigned>(c.code_point) == static_cast<unsigned>(code_point));
}

}  // namespace

TEST_CASE("UTF-8 characters of one to four bytes are read") {
  require_valid(std::string_view("\0", 1), 0);
  require_valid("a", 'a');
  require_valid("\x7f", 0x7f);
  require_valid("\xc2\x80", 0x80);
  require_valid("\xdf\xbf", 0x7ff);
  require_valid("\xe0\xa0\x80", 0x800);
  require_valid("\xef\xbf\xbf", 0xffff);
  require_valid("\xf0\x90\x80\x80", 0x10000);
  require_valid("\xf4\x8f\xbf\xbf", 0x10ffff);
}

TEST_CASE("Only the first UTF-8 character is read") {
  CHECK(next_utf8("\xc3\xa9\xff").length == 2);
}

TEST_CASE("Overlong UTF-8 is invalid") {
  require_invalid("\xc0\x80");
  require_invalid("\xc0\xaf");
  require_invalid("\xc1\xbf");
  require_invalid("\xe0\x80\x80");
  require_invalid("\xe0\x9f\xbf");
  require_invalid("\xf0\x80\x80\x80");
  require_invalid("\xf0\x8f\xbf\xbf");
}

TEST_CASE("Surrogates are not UTF-8, but their neighbours are") {
  require_valid("\xed\x9f\xbf", 0xd7ff);
  require_invalid("\xed\xa0\x80");
  require_invalid("\xed\xbf\xbf");
  require_valid("\xee\x80\x80", 0xe000);
}

TEST_CASE("Nothing above U+10FFFF is UTF-8") {
  require_invalid("\xf4\x90\x80\x80");
  require_invalid("\xf7\xbf\xbf\xbf");
  require_invalid("\xf8\x88\x80\x80\x80");
  require_invalid("\xfe");
  require_invalid("\xff");
}

TEST_CASE("A UTF-8 character that is truncated or has a wrong continuation is invalid") {
  require_invalid("\x80");
  require_invalid("\xbf");
  require_invalid("\xc3");
  require_invalid("\xe2\x82");
  require_invalid("\xf0\x9f\x98");
  require_invalid("\xc3(");
  require_invalid("\xe2\x82(");
}

TEST_CASE("Characters that a terminal interprets, and invisible ones, must be escaped") {
  for (char32_t c = 0; c < 0x20; ++c) CHECK(must_escape(c));
  for (char32_t c = 0x7f; c < 0xa0; ++c) CHECK(must_escape(c));
  for (const char32_t bidi : {U'\u061c', U'\u200e', U'\u200f', U'\u202a', U'\u202b', U'\u202c', U'\u202d',
                              U'\u202e', U'\u2066', U'\u2067', U'\u2068', U'\u2069'}) {
    CAPTURE(static_cast<unsigned>(bidi));
    CHECK(must_escape(bidi));
  }
  for (const char32_t hidden : {U'\u00ad', U'\u180e', U'\u200b', U'\u200c', U'\u200d', U'\u2028', U'\u2029',
                                U'\u2060', U'\ufeff', U'\ufff9', U'\U000e0001', U'\U000e0041'}) {
    CAPTURE(static_cast<unsigned>(hidden));
    CHECK(must_escape(hidden));
  }
}

TEST_CASE("Ordinary characters need no escape") {
  for (const char32_t c :
       {U' ', U'a', U'~', U'\u00a0', U'é', U'ж', U'א', U'中', U'\u0301', U'\u2010', U'\u2030', U'😀'}) {
    CAPTURE(static_cast<unsigned>(c));
    CHECK_FALSE(must_escape(c));
  }
}

TEST_CASE("A character takes zero, one or two columns on a terminal") {
  CHECK(display_width('a') == 1);
  CHECK(display_width(U'é') == 1);
  CHECK(display_width(U'\u0301') == 0);
  CHECK(display_width(U'\ufe0f') == 0);
  CHECK(display_width(U'中') == 2);
  CHECK(display_width(U'한') == 2);
  CHECK(display_width(U'Ａ') == 2);
  CHECK(display_width(U'😀') == 2);
}

TEST_CASE("Text is escaped for a terminal") {
  const auto escaped = [](std::string_view text, const std::string& expected) {
    CHECK(escape_for_terminal(text) == expected);
  };
  escaped("", "");
  escaped("plain text", "plain text");
  escaped("a\nb\tc\rd", R"(a\nb\tc\rd)");
  escaped(std::string_view("\0\x1b[31m\x7f", 7), R"(\x00\x1b[31m\x7f)");
  escaped("\xc2\x85\xc2\x9b", R"(\u{0085}\u{009b})");
  escaped("file\xe2\x80\xaegnp.exe", R"(file\u{202e}gnp.exe)");
  escaped("a\xe2\x80\x8b", R"(a\u{200b})");
  escaped("\xf3\xa0\x80\x81", R"(\u{0e0001})");
  escaped("\xff\xc0\x80", R"(\xff\xc0\x80)");
  escaped("caf\xc3\xa9 \xe4\xb8\xad", "caf\xc3\xa9 \xe4\xb8\xad");
}

TEST_CASE("An escaped backslash cannot be mistaken for an escape") {
  CHECK(escape_for_terminal(R"(\n)") == R"(\\n)");
  CHECK(escape_for_terminal("\n") == R"(\n)");
  CHECK(escape_for_terminal(R"(\x1b)") != escape_for_terminal("\x1b"));
}

TEST_CASE("Characters are as wide as the C library says") {
  const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  REQUIRE(utf8 != nullptr);
  const locale_t before = ::uselocale(utf8);
  unsigned compared = 0;
  unsigned different = 0;
  for (char32_t c = 0x20; c < 0x110000; ++c) {
    const int width = ::wcwidth(static_cast<wchar_t>(c));
    if (width < 0 || must_escape(c)) continue;
    ++compared;
    if (display_width(c) != static_cast<unsigned>(width)) ++different;
  }
  ::uselocale(before);
  ::freelocale(utf8);
  CHECK(compared > 100'000);
  // Another version of Unicode has a few more characters.
  CHECK(different < 300);
}
