// Floating-point numbers, as short as is exact.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "support/text_buffer.h"

namespace probe_run {

// `size`: bytes of the number that the value was loaded from: 2, 4 or 8.
inline void append_float(TextBuffer& out, double value, std::uint32_t size) noexcept {
  char text[40];
  const auto end = size <= sizeof(float)
                       ? fmt::format_to_n(text, sizeof text, "{}", static_cast<float>(value))
                       : fmt::format_to_n(text, sizeof text, "{}", value);
  out.append(std::string_view(text, end.size));
}

}  // namespace probe_run
