// Frames of a stack as Names gives them (support/names.h).
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace probe_run {

struct FrameLine {
  std::string_view name;     // empty: an address without a symbol
  std::uint64_t offset = 0;  // in the function; of an address without a symbol, in the module
  std::string_view module;   // empty for the kernel itself
  bool inlined = false;      // into the frame that follows
};

// The next of the frames, which is taken from the front of `lines`. False when there is none. What is missing
// in a line is empty.
inline bool next_frame(std::string_view& lines, FrameLine& frame) noexcept {
  if (lines.empty()) return false;
  const auto cut = [](std::string_view& text, char at) {
    const std::size_t end = text.find(at);
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
  };
  std::string_view line = cut(lines, '\n');
  frame = {};
  frame.name = cut(line, '\t');
  const std::string_view offset = cut(line, '\t');
  std::from_chars(offset.data(), offset.data() + offset.size(), frame.offset);
  frame.module = cut(line, '\t');
  frame.inlined = line == "inlined";
  return true;
}

}  // namespace probe_run
