#include "support/glob.h"

#include <algorithm>
#include <cctype>

#include "support/utf8.h"

namespace probe_run {
namespace {

// Reads a pattern character by character; a backslash takes the next one as it is.
class Reader {
 public:
  explicit Reader(std::string_view pattern) : pattern_(pattern) {}

  bool done() const { return at_ >= pattern_.size(); }
  std::size_t at() const { return at_; }
  bool looks_at(char c) const { return !done() && pattern_[at_] == c; }

  struct Character {
    char32_t value = 0;
    bool is_byte = false;
    bool escaped = false;
    bool good = true;  // false: a backslash that means nothing
  };
  Character next() {
    Character character;
    if (looks_at('\\')) {
      character.escaped = true;
      ++at_;
      // \n and \d have no meaning here.
      character.good = !done() && std::isalnum(static_cast<unsigned char>(pattern_[at_])) == 0;
      if (done()) return character;
    }
    const Utf8Character found = next_utf8(pattern_.substr(at_));
    character.value = found.code_point;
    character.is_byte = !found.valid;
    at_ += found.length;
    return character;
  }

 private:
  std::string_view pattern_;
  std::size_t at_ = 0;
};

}  // namespace

Glob Glob::compile(std::string_view pattern, Mistake& mistake) {
  Glob glob;
  const auto wrong = [&](std::size_t begin, std::size_t end, std::string what) {
    if (mistake.length == 0) mistake = {begin, std::max<std::size_t>(end - begin, 1), std::move(what)};
    glob.never_ = true;
  };
  if (pattern.size() > longest) wrong(0, pattern.size(), "the pattern is longer than 1024 bytes");
  Reader reader(pattern);
  while (!reader.done() && !glob.never_) {
    const std::size_t begin = reader.at();
    const Reader::Character c = reader.next();
    if (!c.good) {
      wrong(begin, reader.at() + 1, "a backslash escapes only *, ?, [, \\ and quotes");
      break;
    }
    Part& part = glob.parts_.emplace_back();
    part.character = c.value;
    part.is_byte = c.is_byte;
    if (c.escaped || c.is_byte) continue;
    if (c.value == '*') {
      part.kind = Part::Kind::any_text;
      // Several in a row are one.
      if (glob.parts_.size() > 1 && glob.parts_[glob.parts_.size() - 2].kind == Part::Kind::any_text)
        glob.parts_.pop_back();
    } else if (c.value == '?') {
      part.kind = Part::Kind::any_character;
    } else if (c.value == '[') {
      part.kind = Part::Kind::one_of;
      if (reader.looks_at('!') || reader.looks_at('^')) {
        reader.next();
        part.kind = Part::Kind::none_of;
      }
      bool closed = false;
      for (bool first = true; !reader.done(); first = false) {
        if (reader.looks_at(']') && !first) {
          reader.next();
          closed = true;
          break;
        }
        const std::size_t item = reader.at();
        const Reader::Character low = reader.next();
        Reader::Character high = low;
        if (reader.looks_at('-')) {
          Reader ahead = reader;
          ahead.next();
          if (!ahead.done() && !ahead.looks_at(']')) {
            reader = ahead;
            high = reader.next();
          }
        }
        if (!low.good || !high.good || low.is_byte || high.is_byte || high.value < low.value) {
          wrong(item, reader.at(), "this is not a range of characters");
          break;
        }
        part.ranges.emplace_back(low.value, high.value);
      }
      if (!closed && !glob.never_) wrong(begin, pattern.size(), "\"[\" without \"]\"");
    }
  }
  return glob;
}

bool Glob::accepts(const Part& part, char32_t character, bool is_byte) noexcept {
  const auto in_ranges = [&] {
    return !is_byte && std::any_of(part.ranges.begin(), part.ranges.end(), [&](const auto& range) {
      return range.first <= character && character <= range.second;
    });
  };
  switch (part.kind) {
    case Part::Kind::character:
      return part.character == character && part.is_byte == is_byte;
    case Part::Kind::any_character:
      return true;
    case Part::Kind::one_of:
      return in_ranges();
    case Part::Kind::none_of:
      return !in_ranges();
    case Part::Kind::any_text:
      break;
  }
  return false;
}

bool Glob::matches(std::string_view text) const noexcept {
  if (never_) return false;
  constexpr std::size_t none = SIZE_MAX;
  std::size_t part = 0;
  std::size_t at = 0;
  std::size_t star = none;  // the last "*" seen
  std::size_t resume = 0;   // where the text after it begins, so far
  while (at < text.size()) {
    if (part < parts_.size() && parts_[part].kind == Part::Kind::any_text) {
      star = part++;
      resume = at;
      continue;
    }
    const Utf8Character found = next_utf8(text.substr(at));
    if (part < parts_.size() && accepts(parts_[part], found.code_point, !found.valid)) {
      ++part;
      at += found.length;
      continue;
    }
    if (star == none) return false;
    // The "*" takes one more character.
    resume += next_utf8(text.substr(resume)).length;
    part = star + 1;
    at = resume;
  }
  while (part < parts_.size() && parts_[part].kind == Part::Kind::any_text) ++part;
  return part == parts_.size();
}

}  // namespace probe_run
