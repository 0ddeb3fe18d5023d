// A field's value as JSON.
#pragma once

#include "decode/renderer.h"

namespace probe_run {

// Valid JSON for every record. A field that the record is too short for is null; bytes that are no UTF-8
// become U+FFFD.
void append_json(const Field& field, Bytes record, const RenderContext& context, TextBuffer& out) noexcept;

// A quoted JSON string.
void append_json_string(TextBuffer& out, std::string_view text) noexcept;

}  // namespace probe_run
