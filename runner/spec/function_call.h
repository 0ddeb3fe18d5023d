// Strings of the spec that call a function: "count", "sum(bytes)", "linear(latency, 0, 1000, 100)".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/source_text.h"

namespace probe_run {

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
