// A field's value as plain text, for text, table and CSV.
#pragma once

#include "decode/renderer.h"

namespace probe_run {

// Who reads what is written.
enum class Reader {
  person,  // on one line, escaped for a terminal
  program  // every byte as it is
};

// What stands where a record is too short to have a field.
inline constexpr std::string_view absent_text = "-";

// Structures as {a=1, b=2}, arrays as [1, 2].
void append_plain(const Field& field, Bytes record, const RenderContext& context, Reader reader,
                  TextBuffer& out) noexcept;

// Numbers are aligned to the right.
bool is_number(const Field& field);

}  // namespace probe_run
