// Characters that look like ASCII and are not: what word processors, chat programs and web pages make of quotes, spaces
// and signs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace probe_run {

struct Lookalike {
  std::string what;  // "U+201C is a typographic quote"
  std::string hint;  // what to write instead
};

// For the first character of `text`; nullopt if it is not one of them. REQUIRES: not empty
std::optional<Lookalike> lookalike(std::string_view text);

}  // namespace probe_run
