#include "support/lookalike.h"

#include <fmt/format.h>

#include "support/utf8.h"

namespace probe_run {
namespace {

struct Range {
  char32_t first, last;
  std::string_view kind;     // "is ..."
  std::string_view instead;  // in ASCII
};

constexpr std::string_view quote = "is a typographic quote";
constexpr std::string_view space = "is not an ASCII space";
constexpr std::string_view invisible = "is an invisible character";
constexpr std::string_view dash = "is not the ASCII minus sign";
constexpr std::string_view wide = "is not an ASCII character";

constexpr Range ranges[] = {
    {0x00ab, 0x00ab, quote, "\""},   {0x00bb, 0x00bb, quote, "\""},   {0x2018, 0x201b, quote, "'"},
    {0x201c, 0x201f, quote, "\""},   {0x2032, 0x2032, quote, "'"},    {0x2033, 0x2033, quote, "\""},
    {0x2039, 0x203a, quote, "'"},    {0x300c, 0x300f, quote, "\""},   {0xff02, 0xff02, quote, "\""},
    {0xff07, 0xff07, quote, "'"},    {0x000b, 0x000c, space, " "},    {0x0085, 0x0085, space, " "},
    {0x00a0, 0x00a0, space, " "},    {0x1680, 0x1680, space, " "},    {0x2000, 0x200a, space, " "},
    {0x2028, 0x2029, space, " "},    {0x202f, 0x202f, space, " "},    {0x205f, 0x205f, space, " "},
    {0x3000, 0x3000, space, " "},    {0x00ad, 0x00ad, invisible, ""}, {0x180e, 0x180e, invisible, ""},
    {0x200b, 0x200f, invisible, ""}, {0x202a, 0x202e, invisible, ""}, {0x2060, 0x2064, invisible, ""},
    {0x2066, 0x2069, invisible, ""}, {0xfeff, 0xfeff, invisible, ""}, {0x2010, 0x2015, dash, "-"},
    {0x2212, 0x2212, dash, "-"},
};

constexpr char32_t fullwidth_first = 0xff01, fullwidth_last = 0xff5e;  // of "!" to "~"

Lookalike explain(char32_t code_point, std::string_view kind, std::string_view instead) {
  std::string hint;
  if (instead.empty()) {
    hint = "delete it";
  } else if (instead == " ") {
    hint = "replace it by a space";
  } else {
    hint = fmt::format("write {}", instead);
  }
  return {fmt::format("U+{:04X} {}", static_cast<std::uint32_t>(code_point), kind), std::move(hint)};
}

}  // namespace

std::optional<Lookalike> lookalike(std::string_view text) {
  const Utf8Character character = next_utf8(text);
  if (!character.valid) return std::nullopt;
  for (const Range& range : ranges) {
    if (character.code_point >= range.first && character.code_point <= range.last)
      return explain(character.code_point, range.kind, range.instead);
  }
  if (character.code_point < fullwidth_first || character.code_point > fullwidth_last) return std::nullopt;
  const char ascii = static_cast<char>(character.code_point - fullwidth_first + '!');
  return explain(character.code_point, wide, std::string_view(&ascii, 1));
}

}  // namespace probe_run
