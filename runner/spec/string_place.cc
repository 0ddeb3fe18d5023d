#include "spec/string_place.h"

#include <algorithm>
#include <charconv>

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

namespace {

constexpr std::string_view blanks = " \t\n\r";

// Without surrounding spaces.
FunctionCall::Word trimmed(std::string_view text, std::size_t offset) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {text.substr(0, 0), offset};
  const std::size_t end = text.find_last_not_of(blanks) + 1;
  return {text.substr(begin, end - begin), offset + begin};
}

}  // namespace

std::optional<FunctionCall> parse_function_call(const Located<std::string>& text, std::string_view example,
                                                Diagnostics& diagnostics) {
  const std::string_view all = *text;
  const auto error = [&](std::size_t offset, std::size_t length, std::string what, std::string_view hint) {
    diagnostics.error(place_in(text, diagnostics.source(), offset, length), std::move(what),
                      std::string(hint));
    return std::nullopt;
  };
  FunctionCall call;
  const std::size_t open = all.find('(');
  call.function = trimmed(all.substr(0, open), 0);
  if (call.function.text.empty()) return error(0, all.size(), "a function is missing", example);
  if (open == std::string_view::npos) {
    const std::size_t stray = all.find(')');
    if (stray != std::string_view::npos) return error(stray, 1, "\")\" without \"(\"", example);
    return call;
  }
  const std::size_t close = all.find(')', open);
  if (close == std::string_view::npos) return error(open, 1, "\"(\" without \")\"", example);
  const std::size_t second = all.find('(', open + 1);
  if (second < close) return error(second, 1, "an argument cannot be a function", example);
  const FunctionCall::Word rest = trimmed(all.substr(close + 1), close + 1);
  if (!rest.text.empty())
    return error(rest.offset, rest.text.size(), "unexpected text after the \")\"", example);
  call.has_parentheses = true;
  if (trimmed(all.substr(open + 1, close - open - 1), open + 1).text.empty()) return call;
  for (std::size_t begin = open + 1; begin <= close;) {
    const std::size_t end = std::min(all.find(',', begin), close);
    const FunctionCall::Word word = trimmed(all.substr(begin, end - begin), begin);
    if (word.text.empty()) return error(end, 1, "an argument is missing", example);
    call.arguments.push_back(word);
    begin = end + 1;
  }
  return call;
}

}  // namespace probe_run
