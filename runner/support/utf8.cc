#include "support/utf8.h"

#include <algorithm>
#include <array>

#include "support/text_buffer.h"

namespace probe_run {

Utf8Character next_utf8(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1, true};
  std::uint8_t length = 0;
  char32_t code_point = 0;
  char32_t smallest = 0;
  if ((first & 0xe0) == 0xc0) {
    length = 2, code_point = first & 0x1f, smallest = 0x80;
  } else if ((first & 0xf0) == 0xe0) {
    length = 3, code_point = first & 0x0f, smallest = 0x800;
  } else if ((first & 0xf8) == 0xf0) {
    length = 4, code_point = first & 0x07, smallest = 0x10000;
  } else {
    return {first, 1, false};
  }
  if (text.size() < length) return {first, 1, false};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {first, 1, false};
    code_point = (code_point << 6) | (byte(i) & 0x3f);
  }
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  if (code_point < smallest || surrogate || code_point > 0x10ffff) return {first, 1, false};
  return {code_point, length, true};
}

bool must_escape(char32_t c) noexcept {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return true;
  if (c < 0x300) return c == 0xad;  // soft hyphen: shown by some terminals, hidden by others
  return c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe0fff) || c == 0xfffe || c == 0xffff;
}

unsigned display_width(char32_t code_point) noexcept {
  struct Range {
    char32_t first, last;
  };
  // Marks that stand on the character before them.
  static constexpr std::array<Range, 12> combining{{{0x300, 0x36f},
                                                    {0x483, 0x489},
                                                    {0x591, 0x5bd},
                                                    {0x610, 0x61a},
                                                    {0x64b, 0x65f},
                                                    {0x900, 0x902},
                                                    {0xe31, 0xe31},
                                                    {0x1ab0, 0x1aff},
                                                    {0x1dc0, 0x1dff},
                                                    {0x20d0, 0x20ff},
                                                    {0xfe00, 0xfe0f},
                                                    {0xfe20, 0xfe2f}}};
  // East Asian wide and full-width blocks, and the emoji that terminals draw two columns wide.
  static constexpr std::array<Range, 10> wide{{{0x1100, 0x115f},
                                               {0x2e80, 0x303e},
                                               {0x3041, 0xa4cf},
                                               {0xac00, 0xd7a3},
                                               {0xf900, 0xfaff},
                                               {0xfe30, 0xfe6f},
                                               {0xff00, 0xff60},
                                               {0xffe0, 0xffe6},
                                               {0x1f300, 0x1f9ff},
                                               {0x20000, 0x3fffd}}};
  const auto within = [code_point](const Range& range) {
    return code_point >= range.first && code_point <= range.last;
  };
  if (code_point < 0x300) return 1;
  if (std::any_of(combining.begin(), combining.end(), within)) return 0;
  return std::any_of(wide.begin(), wide.end(), within) ? 2 : 1;
}

std::string escape_for_terminal(std::string_view text) {
  TextBuffer buffer;
  append_escaped(buffer, text);
  return std::string(buffer.view());
}

}  // namespace probe_run
