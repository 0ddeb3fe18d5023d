// The differences between two texts: as edits, line by line, and as a unified diff for a reader.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace probe_run {

// The lines of a text, without their newlines. The last line need not end in a newline.
std::vector<std::string_view> split_lines(std::string_view text);

// Replaces lines [begin, end) of the old text by lines [begin, end) of the new one.
struct LineEdit {
  std::size_t old_begin = 0, old_end = 0;
  std::size_t new_begin = 0, new_end = 0;

  friend bool operator==(const LineEdit&, const LineEdit&) = default;
};

// The fewest lines to remove and to insert (Myers), in order. Texts that differ in more than `most` lines give fewer
// and larger edits, to bound time and memory: both grow with most * most.
std::vector<LineEdit> line_diff(const std::vector<std::string_view>& before,
                                const std::vector<std::string_view>& after, std::size_t most = 1000);

struct DiffStyle {
  bool colours = false;
  std::size_t context = 3;  // lines around a difference
  std::size_t width = 160;  // characters of a line; a longer one is cut around the difference
  std::size_t most = 100;   // lines in all
};

// "" when they are the same. Control characters, bidi controls and invalid bytes show as <1B>, <U+202E>,
// <FF>; spaces at the end of a changed line as "·".
std::string diff_text(std::string_view expected, std::string_view received, const DiffStyle& style = {});

}  // namespace probe_run
