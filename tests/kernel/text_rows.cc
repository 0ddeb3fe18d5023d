#include "text_rows.h"

#include <cstdint>
#include <cstdio>
#include <stdexcept>

namespace test {
namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  std::vector<std::vector<std::string>> records() {
    std::vector<std::vector<std::string>> all;
    while (at_ < text_.size()) all.push_back(record());
    return all;
  }

 private:
  std::vector<std::string> record() {
    std::vector<std::string> fields{field()};
    while (take(',')) fields.push_back(field());
    take('\r');
    if (!take('\n')) throw std::runtime_error("a CSV record does not end with a newline");
    return fields;
  }

  std::string field() {
    if (take('"')) return quoted();
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    const std::string value(text_.substr(at_, end - at_));
    if (value.find('"') != std::string::npos)
      throw std::runtime_error("a quote in a bare CSV field: " + value);
    at_ = end;
    return value;
  }

  std::string quoted() {
    std::string value;
    for (;;) {
      if (at_ == text_.size()) throw std::runtime_error("a quoted CSV field does not end");
      const char c = text_[at_++];
      if (c == '"' && !take('"')) return value;
      value += c;
    }
  }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// The code point at the beginning of the text and its length; a length of 0 where the bytes are not UTF-8.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;
};
CodePoint code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  std::uint32_t value = first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3f);
  }
  return {value, length};
}

bool is_harmful(std::uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool direction =
      c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return control || direction || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::vector<std::vector<std::string>> parse_csv(std::string_view text) {
  return CsvReader(text).records();
}

std::string harmful_bytes(std::string_view text) {
  std::string found;
  while (!text.empty()) {
    const CodePoint c = code_point(text);
    if (c.length == 0 || (is_harmful(c.value) && c.value != '\n')) {
      char name[16];
      std::snprintf(name, sizeof name, "%s%x ", c.length == 0 ? "byte " : "U+",
                    c.length == 0 ? static_cast<unsigned char>(text[0]) : c.value);
      found += name;
    }
    text.remove_prefix(c.length == 0 ? 1 : c.length);
  }
  return found;
}

}  // namespace test
