// Positions within a string of the spec, for templates and filters.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/source_text.h"

namespace probe_run {

// The position of `length` bytes from `offset` of the string's text in the file; handles JSON escapes. If the text
// differs from the file (because of a parameter), the position of the whole string.
Span place_in(const Located<std::string>& text, const SourceText& source, std::size_t offset,
              std::size_t length);

// Strings of the spec that call a function: "count", "sum(bytes)", "linear(latency, 0, 1000, 100)".
struct FunctionCall {
  struct Word {
    std::string_view text;
    std::size_t offset = 0;  // in the string
  };
  Word function;
  bool has_parentheses = false;
  std::vector<Word> arguments;
};

// Reports an invalid call, with `example` as the hint. The result points into `text`.
std::optional<FunctionCall> parse_function_call(const Located<std::string>& text, std::string_view example,
                                                Diagnostics& diagnostics);

}  // namespace probe_run
