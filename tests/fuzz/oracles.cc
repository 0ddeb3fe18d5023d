#include "fuzz/oracles.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace fuzz {
namespace {

// A separate list, so that a gap in the program's list is found.
bool acts(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f || c == 0x2028 ||
         c == 0x2029 || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

// The first character and its length; 0 if it is not UTF-8.
std::size_t decode(std::string_view text, char32_t& character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  character = length == 1 ? first : first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    character = character << 6 | (byte(i) & 0x3fu);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  return character < smallest[length] || surrogate || character > 0x10ffff ? 0 : length;
}

}  // namespace

void fail(std::string_view what, std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, 4000)) {
    char code[8];
    std::snprintf(code, sizeof code, c < 0x20 || c > 0x7e ? "\\x%02x" : "%c", static_cast<unsigned char>(c));
    shown += code;
  }
  std::fprintf(stderr, "FAILED: %s\n%s\n", std::string(what).c_str(), shown.c_str());
  std::abort();
}

void check_harmless(std::string_view text) {
  for (std::string_view rest = text; !rest.empty();) {
    char32_t character = 0;
    const std::size_t length = decode(rest, character);
    if (length == 0) fail("invalid UTF-8 in text for people", text);
    if (acts(character)) fail("a terminal would interpret this text", text);
    rest.remove_prefix(length);
  }
}

void check_lines(std::string_view text, std::size_t lines) {
  const auto found = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (found != lines) fail("there should be " + std::to_string(lines) + " lines", text);
  if (lines > 0 && text.back() != '\n') fail("the last line has no newline", text);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    check_harmless(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
}

void check_json_line(std::string_view text) {
  check_lines(text, 1);
  const nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (!value.is_object()) fail("this is not a JSON object", text);
}

std::vector<std::string> csv_cells(std::string_view text) {
  std::vector<std::string> cells;
  for (std::size_t i = 0;;) {
    std::string cell;
    if (i < text.size() && text[i] == '"') {
      for (++i;; ++i) {
        if (i >= text.size()) fail("a quote of this CSV row is not closed", text);
        if (text[i] == '"' && (i + 1 >= text.size() || text[i + 1] != '"')) break;
        if (text[i] == '"') ++i;
        cell += text[i];
      }
      ++i;
    } else {
      for (; i < text.size() && text[i] != ',' && text[i] != '\n'; ++i) {
        if (text[i] == '"' || text[i] == '\r') fail("a cell of this CSV row should be quoted", text);
        cell += text[i];
      }
    }
    cells.push_back(cell);
    if (i >= text.size()) fail("this CSV row has no newline", text);
    if (text[i] == '\n') {
      if (i + 1 != text.size()) fail("these are two CSV rows", text);
      return cells;
    }
    if (text[i] != ',') fail("text after a quote in this CSV row", text);
    ++i;
  }
}

}  // namespace fuzz
