#include "support/utf8.h"

#include <algorithm>
#include <iterator>

#include "support/character_widths.h"
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
  if (code_point < 0x300) return 1;
  const auto within = [code_point](const auto& ranges) {
    const auto* const behind =
        std::upper_bound(std::begin(ranges), std::end(ranges), code_point,
                         [](char32_t c, const CodePoints& range) { return c < range.first; });
    return behind != std::begin(ranges) && code_point <= (behind - 1)->last;
  };
  if (within(two_columns)) return 2;
  return within(no_columns) ? 0 : 1;
}

std::string escape_for_terminal(std::string_view text) {
  TextBuffer buffer;
  append_escaped(buffer, text);
  return std::string(buffer.view());
}

}  // namespace probe_run
