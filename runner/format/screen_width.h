// The width of text on the screen.
#pragma once

#include <string_view>

#include "support/utf8.h"

namespace probe_run {

// The columns of text without characters to escape.
inline std::size_t screen_width(std::string_view text) noexcept {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Utf8Character character = next_utf8(text);
    columns += display_width(character.code_point);
    text.remove_prefix(character.length);
  }
  return columns;
}

}  // namespace probe_run
