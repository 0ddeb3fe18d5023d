// Frames as the lines of text that support/names.h describes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace probe_run {

struct ResolvedFrame {
  std::string name;          // "" for an address without a symbol
  std::uint64_t offset = 0;  // in the function; in the module when it has no name
  bool inlined = false;
};

// A line, ended by '\n'. Tabs and newlines in the names become '?'.
void append_frame(std::string& out, std::string_view name, std::uint64_t offset, std::string_view module,
                  bool inlined);

// The text with '?' for what separates fields and lines.
std::string one_field(std::string text);

}  // namespace probe_run
