// What differs between two texts, line by line.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace probe_run {

// The lines of a text, without their newlines. A text that does not end in one has a last line all the same.
std::vector<std::string_view> split_lines(std::string_view text);

// A run of lines: [begin, end) of the old text stands where [begin, end) of the new one does.
struct LineEdit {
  std::size_t old_begin = 0, old_end = 0;
  std::size_t new_begin = 0, new_end = 0;

  friend bool operator==(const LineEdit&, const LineEdit&) = default;
};

// The fewest lines to take out and to put in (Myers), in order. Texts that differ in more than `most` lines
// come out as fewer and larger edits, so that time and memory stay bounded: both grow with most * most.
std::vector<LineEdit> line_diff(const std::vector<std::string_view>& before,
                                const std::vector<std::string_view>& after, std::size_t most = 1000);

}  // namespace probe_run
