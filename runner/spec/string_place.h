// Places within a string of the spec, for what is a language of its own: templates, filters.
#pragma once

#include <string>

#include "support/source_text.h"

namespace probe_run {

// Where `length` bytes from `offset` of the string's text were written; escapes of JSON are counted. Where
// the text is not what the file says (a parameter stands in it), the place of the whole string.
Span place_in(const Located<std::string>& text, const SourceText& source, std::size_t offset,
              std::size_t length);

}  // namespace probe_run
