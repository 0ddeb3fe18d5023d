// Floating-point numbers, as short as is exact.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "support/text_buffer.h"

namespace probe_run {

inline void append_float(TextBuffer& out, double value) noexcept {
  char text[40];
  const auto end = fmt::format_to_n(text, sizeof text, "{}", value);
  out.append(std::string_view(text, end.size));
}

}  // namespace probe_run
