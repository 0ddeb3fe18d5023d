// Places within a string of the spec, for what is a language of its own: templates, filters.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/source_text.h"

namespace probe_run {

// Where `length` bytes from `offset` of the string's text were written; escapes of JSON are counted. Where
// the text is not what the file says (a parameter stands in it), the place of the whole string.
Span place_in(const Located<std::string>& text, const SourceText& source, std::size_t offset,
              std::size_t length);

// Strings of the spec that call a function: "count", "sum(bytes)", "linear(latency, 0, 1000, 100)".
struct FunctionCall {
  struct Word {
    std::string_view text;
    std::size_t offset = 0;  // within the string
  };
  Word function;
  bool has_parentheses = false;
  std::vector<Word> arguments;
};

// Reports what is no call, with `example` as the hint. The result points into `text`.
std::optional<FunctionCall> parse_function_call(const Located<std::string>& text, std::string_view example,
                                                Diagnostics& diagnostics);

}  // namespace probe_run
