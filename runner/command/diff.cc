#include "command/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "support/utf8.h"

namespace probe_run {
namespace {

using Lines = std::vector<std::string_view>;

// The part of both texts between their common beginning and end.
struct Middle {
  const Lines& before;
  const Lines& after;
  std::size_t begin = 0;  // in both
  std::size_t old_size = 0, new_size = 0;

  bool same(std::size_t x, std::size_t y) const { return before[begin + x] == after[begin + y]; }
};

Middle middle_of(const Lines& before, const Lines& after) {
  const std::size_t shorter = std::min(before.size(), after.size());
  std::size_t begin = 0;
  while (begin < shorter && before[begin] == after[begin]) ++begin;
  std::size_t end = 0;
  while (end < shorter - begin && before[before.size() - 1 - end] == after[after.size() - 1 - end]) ++end;
  return {before, after, begin, before.size() - begin - end, after.size() - begin - end};
}

// Extends an adjacent edit, or begins another one.
void add(std::vector<LineEdit>& edits, const LineEdit& edit) {
  if (!edits.empty() && edits.back().old_end == edit.old_begin && edits.back().new_end == edit.new_begin) {
    edits.back().old_end = edit.old_end;
    edits.back().new_end = edit.new_end;
  } else {
    edits.push_back(edit);
  }
}

// Diagonals are numbered x - y. furthest[d] is the furthest x that is reached with d edits on the diagonals -d to d.
using Furthest = std::vector<std::int64_t>;
constexpr std::int64_t unreachable = -2;  // also one step further along x

std::int64_t at(const Furthest& furthest, std::int64_t diagonal) {
  const std::int64_t middle = static_cast<std::int64_t>(furthest.size()) / 2;
  const std::int64_t index = middle + diagonal;
  return index < 0 || index >= static_cast<std::int64_t>(furthest.size())
             ? unreachable
             : furthest[static_cast<std::size_t>(index)];
}

// The x that `edits` edits reach on the diagonal, before following equal lines. Down inserts a line, right removes
// one.
bool comes_from_above(const Furthest& previous, std::int64_t diagonal) {
  return at(previous, diagonal - 1) < at(previous, diagonal + 1);
}
std::int64_t first_x(const Furthest& previous, std::int64_t diagonal) {
  return comes_from_above(previous, diagonal) ? at(previous, diagonal + 1) : at(previous, diagonal - 1) + 1;
}

// Goes back along the path that reached the end.
std::vector<LineEdit> trace_back(const Middle& middle, const std::vector<Furthest>& rounds) {
  std::vector<LineEdit> reversed;
  auto x = static_cast<std::int64_t>(middle.old_size);
  auto y = static_cast<std::int64_t>(middle.new_size);
  for (std::size_t round = rounds.size() - 1; round > 0; --round) {
    const Furthest& previous = rounds[round - 1];
    const std::int64_t diagonal = x - y;
    const bool down = comes_from_above(previous, diagonal);
    const std::int64_t old_x = first_x(previous, diagonal) - (down ? 0 : 1);
    const std::int64_t old_y = old_x - (diagonal + (down ? 1 : -1));
    const auto place = [&](std::int64_t value) { return middle.begin + static_cast<std::size_t>(value); };
    reversed.push_back(
        {place(old_x), place(old_x + (down ? 0 : 1)), place(old_y), place(old_y + (down ? 1 : 0))});
    x = old_x;
    y = old_y;
  }
  std::vector<LineEdit> edits;
  for (auto edit = reversed.rbegin(); edit != reversed.rend(); ++edit) add(edits, *edit);
  return edits;
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<LineEdit> line_diff(const Lines& before, const Lines& after, std::size_t most) {
  const Middle middle = middle_of(before, after);
  const auto old_size = static_cast<std::int64_t>(middle.old_size);
  const auto new_size = static_cast<std::int64_t>(middle.new_size);
  if (old_size == 0 && new_size == 0) return {};
  std::vector<Furthest> rounds;
  for (std::int64_t edits = 0; edits <= static_cast<std::int64_t>(most); ++edits) {
    Furthest furthest(static_cast<std::size_t>(2 * edits + 1), unreachable);
    for (std::int64_t diagonal = -edits; diagonal <= edits; diagonal += 2) {
      std::int64_t x = edits == 0 ? 0 : first_x(rounds.back(), diagonal);
      std::int64_t y = x - diagonal;
      if (x < 0 || x > old_size || y < 0 || y > new_size) continue;
      while (x < old_size && y < new_size &&
             middle.same(static_cast<std::size_t>(x), static_cast<std::size_t>(y))) {
        ++x;
        ++y;
      }
      furthest[static_cast<std::size_t>(edits + diagonal)] = x;
      if (x == old_size && y == new_size) {
        rounds.push_back(std::move(furthest));
        return trace_back(middle, rounds);
      }
    }
    rounds.push_back(std::move(furthest));
  }
  return {{middle.begin, middle.begin + middle.old_size, middle.begin, middle.begin + middle.new_size}};
}

namespace {

// One visible character, and the rest of the text.
std::string take_visible(std::string_view& text) {
  const Utf8Character character = next_utf8(text);
  const std::string_view bytes = text.substr(0, character.length);
  text.remove_prefix(character.length);
  const auto code = static_cast<std::uint32_t>(character.code_point);
  if (!character.valid || (must_escape(character.code_point) && code < 0x80))
    return fmt::format("<{:02X}>", code);
  if (must_escape(character.code_point)) return fmt::format("<U+{:04X}>", code);
  return std::string(bytes);
}

std::vector<std::string> visible(std::string_view line, bool mark_end) {
  std::vector<std::string> characters;
  while (!line.empty()) characters.push_back(take_visible(line));
  for (auto last = characters.rbegin(); mark_end && last != characters.rend() && *last == " "; ++last)
    *last = "·";
  return characters;
}

// `width` characters of a line: those around `place`, which is the first that differs.
std::string cut(const std::vector<std::string>& characters, std::size_t place, std::size_t width) {
  const std::size_t size = characters.size();
  const std::size_t lead = width / 4;
  std::size_t begin = size <= width || place <= width - lead ? 0 : place - lead;
  begin = std::min(begin, size - std::min(size, width));
  const std::size_t end = std::min(size, begin + width);
  std::string text = begin > 0 ? "…" : "";
  for (std::size_t i = begin; i < end; ++i) text += characters[i];
  if (end < size) text += "…";
  return text;
}

std::size_t first_difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

class Printer {
 public:
  Printer(std::string_view expected, std::string_view received, const DiffStyle& style)
      : old_(split_lines(expected)),
        new_(split_lines(received)),
        old_ends_(expected.empty() || expected.ends_with('\n')),
        new_ends_(received.empty() || received.ends_with('\n')),
        style_(style) {}

  std::string print() {
    std::vector<LineEdit> edits = line_diff(old_, new_);
    if (edits.empty() && old_ends_ != new_ends_) {
      edits.push_back({old_.size() - 1, old_.size(), new_.size() - 1, new_.size()});
    }
    for (std::size_t i = 0; i < edits.size();) {
      // Edits with adjacent contexts share a hunk.
      std::size_t last = i;
      while (last + 1 < edits.size() && edits[last + 1].old_begin - edits[last].old_end <= 2 * style_.context)
        ++last;
      hunk(std::vector<LineEdit>(edits.begin() + static_cast<std::ptrdiff_t>(i),
                                 edits.begin() + static_cast<std::ptrdiff_t>(last + 1)));
      i = last + 1;
    }
    if (left_out_ > 0) text_ += fmt::format("... and {} more lines\n", left_out_);
    return std::move(text_);
  }

 private:
  void hunk(const std::vector<LineEdit>& edits) {
    const LineEdit& first = edits.front();
    const LineEdit& last = edits.back();
    const std::size_t before = std::min(style_.context, first.old_begin);
    const std::size_t after = std::min(style_.context, old_.size() - last.old_end);
    const auto range = [](std::size_t begin, std::size_t end) {
      // An empty range has the number of the line before it.
      return fmt::format("{},{}", begin == end ? begin : begin + 1, end - begin);
    };
    line("36", '@',
         fmt::format("@ -{} +{} @@", range(first.old_begin - before, last.old_end + after),
                     range(first.new_begin - before, last.new_end + after)));
    same(first.old_begin - before, first.old_begin);
    for (std::size_t i = 0; i < edits.size(); ++i) {
      changed(edits[i]);
      if (i + 1 < edits.size()) same(edits[i].old_end, edits[i + 1].old_begin);
    }
    same(last.old_end, last.old_end + after);
  }

  void same(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) line("", ' ', cut(visible(old_[i], false), 0, style_.width));
  }

  // The n-th removed line is compared with the n-th added one, to find which part of a long line to show.
  void changed(const LineEdit& edit) {
    const std::size_t olds = edit.old_end - edit.old_begin;
    const std::size_t news = edit.new_end - edit.new_begin;
    const auto place = [&](std::size_t i) {
      if (i >= std::min(olds, news)) return std::size_t{0};
      return first_difference(visible(old_[edit.old_begin + i], true),
                              visible(new_[edit.new_begin + i], true));
    };
    for (std::size_t i = 0; i < olds; ++i) {
      line("31", '-', cut(visible(old_[edit.old_begin + i], true), place(i), style_.width));
      if (!old_ends_ && edit.old_begin + i + 1 == old_.size()) line("", '\\', " no newline at the end");
    }
    for (std::size_t i = 0; i < news; ++i) {
      line("32", '+', cut(visible(new_[edit.new_begin + i], true), place(i), style_.width));
      if (!new_ends_ && edit.new_begin + i + 1 == new_.size()) line("", '\\', " no newline at the end");
    }
  }

  void line(std::string_view colour, char mark, std::string_view text) {
    if (shown_ >= style_.most) {
      ++left_out_;
      return;
    }
    ++shown_;
    const bool coloured = style_.colours && !colour.empty();
    text_ += coloured ? fmt::format("\x1b[{}m{}{}\x1b[0m\n", colour, mark, text)
                      : fmt::format("{}{}\n", mark, text);
  }

  Lines old_, new_;
  bool old_ends_, new_ends_;  // in a newline
  const DiffStyle& style_;
  std::string text_;
  std::size_t shown_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace

std::string diff_text(std::string_view expected, std::string_view received, const DiffStyle& style) {
  return Printer(expected, received, style).print();
}

}  // namespace probe_run
