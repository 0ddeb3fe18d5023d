// A field's value as plain text, for text, table and CSV.
#pragma once

#include "decode/renderer.h"

namespace probe_run {

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
