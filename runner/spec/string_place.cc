#include "spec/string_place.h"

#include <charconv>
#include <optional>
#include <string_view>

namespace probe_run {
namespace {

std::optional<unsigned> code_unit(std::string_view text) {
  unsigned value = 0;
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, value, 16);
  if (error != std::errc() || end != text.data() + 6) return std::nullopt;
  return value;
}

// One character of a JSON string.
struct Piece {
  std::size_t written = 1;  // bytes in the file
  std::size_t meant = 1;    // bytes of the text, in UTF-8
};

Piece next_piece(std::string_view text) {
  if (text[0] != '\\') return {};
  const std::optional<unsigned> unit = code_unit(text);
  if (!unit) return {2, 1};
  if (*unit < 0x80) return {6, 1};
  if (*unit < 0x800) return {6, 2};
  const bool pair = *unit >= 0xd800 && *unit < 0xdc00 && code_unit(text.substr(6));
  return pair ? Piece{12, 4} : Piece{6, 3};
}

}  // namespace

Span place_in(const Located<std::string>& text, const SourceText& source, std::size_t offset,
              std::size_t length) {
  const std::string_view all = source.text();
  if (text.at.end > all.size() || text.at.end < text.at.begin + 2) return text.at;
  const std::string_view written = all.substr(text.at.begin + 1, text.at.end - text.at.begin - 2);
  std::optional<std::size_t> begin;
  std::optional<std::size_t> end;
  std::size_t at = 0;
  std::size_t meant = 0;
  while (at < written.size()) {
    if (!begin && meant >= offset) begin = at;
    if (!end && meant >= offset + length) end = at;
    const Piece piece = next_piece(written.substr(at));
    const bool plain = piece.written == 1;
    if (plain && (meant >= text->size() || (*text)[meant] != written[at])) return text.at;
    at += piece.written;
    meant += piece.meant;
  }
  if (meant != text->size() || at != written.size()) return text.at;
  const std::size_t first = text.at.begin + 1;
  return {first + begin.value_or(written.size()), first + end.value_or(written.size())};
}

}  // namespace probe_run
