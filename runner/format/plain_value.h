// A field's value as plain text, for text, table and CSV.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "decode/renderer.h"
#include "support/text_buffer.h"

namespace probe_run {

// Floating-point numbers as text.

// The shortest exact text. `size`: bytes of the number that the value was loaded from: 2, 4 or 8.
inline void append_float(TextBuffer& out, double value, std::uint32_t size) noexcept {
  char text[40];
  const auto end = size <= sizeof(float)
                       ? fmt::format_to_n(text, sizeof text, "{}", static_cast<float>(value))
                       : fmt::format_to_n(text, sizeof text, "{}", value);
  out.append(std::string_view(text, end.size));
}

// For humans, with at most three decimal places: 36, 36.5, 0.000123.
inline void append_rounded(TextBuffer& out, double value) noexcept {
  constexpr double least = 0.001, most = 1e15;
  const double magnitude = value < 0 ? -value : value;
  char text[40];
  if (value != 0 && !(magnitude >= least && magnitude < most)) {
    const auto end = fmt::format_to_n(text, sizeof text, "{:.3g}", value);
    return out.append(std::string_view(text, end.size));
  }
  const auto end = fmt::format_to_n(text, sizeof text, "{:.3f}", value);
  const std::string_view digits(text, end.size);
  const std::size_t last = digits.find_last_not_of('0');
  out.append(digits.substr(0, digits[last] == '.' ? last : last + 1));
}

// The reader of the output.
enum class Reader {
  person,  // on one line, escaped for a terminal
  program  // every byte as it is
};

// The text for a field that is missing in a short record.
inline constexpr std::string_view absent_text = "-";

// Structures as {a=1, b=2}, arrays as [1, 2].
void append_plain(const Field& field, Bytes record, const RenderContext& context, Reader reader,
                  TextBuffer& out) noexcept;

// Numbers are aligned to the right.
bool is_number(const Field& field);

}  // namespace probe_run
