// UTF-8 and what of it may reach a terminal.
//
// Names and strings from the kernel are untrusted: a file name can hold escape sequences, newlines, bidi
// controls or bytes that are not UTF-8 at all. What must_escape() names is never written raw to a person's
// screen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace probe_run {

struct Utf8Character {
  char32_t code_point = 0;  // the byte itself when invalid
  std::uint8_t length = 1;  // bytes; 1 when invalid
  bool valid = false;
};

// The first character of `text`. Overlong forms, surrogates and code points above U+10FFFF are invalid.
// REQUIRES: not empty
Utf8Character next_utf8(std::string_view text) noexcept;

// C0, DEL, C1, line and paragraph separators, bidi controls and zero-width characters, which would change or
// hide what the user sees.
bool must_escape(char32_t code_point) noexcept;

// Columns a terminal gives to the character: 0 for combining marks, 2 for wide ones, else 1.
unsigned display_width(char32_t code_point) noexcept;

// Escapes control characters as \n \t \r \xHH \u{HHHH}, and bytes that are not UTF-8 as \xHH; a backslash
// becomes \\.
std::string escape_for_terminal(std::string_view text);

// The width of text on the screen.

// The columns of text without characters to escape.
inline std::size_t screen_width(std::string_view text) noexcept {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Utf8Character character = next_utf8(text);
    columns += display_width(character.code_point);
    text.remove_prefix(character.length);
  }
  return columns;
}

}  // namespace probe_run
