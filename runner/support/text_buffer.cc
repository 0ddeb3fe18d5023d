#include "support/text_buffer.h"

#include <algorithm>

#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

void append_hex_byte(TextBuffer& out, unsigned byte) {
  char* p = out.room(4);
  p[0] = '\\', p[1] = 'x', p[2] = hex_digits[byte >> 4], p[3] = hex_digits[byte & 0xf];
  out.commit(4);
}

void append_escape(TextBuffer& out, char32_t c) {
  switch (c) {
    case '\n':
      return out.append("\\n");
    case '\t':
      return out.append("\\t");
    case '\r':
      return out.append("\\r");
    default:
      break;
  }
  if (c < 0x80) return append_hex_byte(out, static_cast<unsigned>(c));
  out.append("\\u{");
  for (int shift = c > 0xffff ? 20 : 12; shift >= 0; shift -= 4) out.append(hex_digits[(c >> shift) & 0xf]);
  out.append('}');
}

constexpr bool is_plain(char c) {
  return c >= 0x20 && c < 0x7f && c != '\\';
}

// The number of characters at the beginning that need no escape; eight at a time where possible.
std::size_t plain_length(std::string_view text) noexcept {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    bool plain = true;
    for (std::size_t j = 0; j < 8; ++j) plain &= is_plain(text[i + j]);
    if (!plain) break;
  }
  while (i < text.size() && is_plain(text[i])) ++i;
  return i;
}

}  // namespace

void TextBuffer::grow(std::size_t count) {
  const std::size_t capacity = std::max({capacity_ * 2, size_ + count, std::size_t{256}});
  // Not make_unique: it would clear memory that is about to be overwritten.
  std::unique_ptr<char[]> data(new char[capacity]);
  if (size_ > 0) std::memcpy(data.get(), data_.get(), size_);
  data_ = std::move(data);
  capacity_ = capacity;
}

std::size_t append_escaped(TextBuffer& out, std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const std::size_t plain = plain_length(text);
    out.append(text.substr(0, plain));
    columns += plain;
    text.remove_prefix(plain);
    if (text.empty()) break;

    const Utf8Character character = next_utf8(text);
    const std::size_t before = out.size();
    if (character.code_point == '\\') {
      out.append("\\\\");
    } else if (!character.valid) {
      append_hex_byte(out, static_cast<unsigned>(character.code_point));
    } else if (must_escape(character.code_point)) {
      append_escape(out, character.code_point);
    } else {
      out.append(text.substr(0, character.length));
      columns += display_width(character.code_point);
      text.remove_prefix(character.length);
      continue;
    }
    columns += out.size() - before;
    text.remove_prefix(character.length);
  }
  return columns;
}

}  // namespace probe_run
