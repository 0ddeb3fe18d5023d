// Positions within a string of the spec, for templates and filters.
#pragma once

#include <string>

#include "support/source_text.h"

namespace probe_run {

// The position of `length` bytes from `offset` of the string's text in the file; handles JSON escapes. If the text
// differs from the file (because of a parameter), the position of the whole string.
Span place_in(const Located<std::string>& text, const SourceText& source, std::size_t offset,
              std::size_t length);

}  // namespace probe_run
