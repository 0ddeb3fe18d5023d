// Why a text is not JSON: the cause of the mistake, which is often not where the reader stops.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/source_text.h"

namespace probe_run {

struct JsonMistake {
  Span at;
  std::string what;
  std::string hint;
};

// How far the reader got before the mistake.
struct JsonProgress {
  Span last;  // the last token that it took; empty before the first
  bool last_is_key;
  std::vector<Span> open;  // the brackets that are not closed, the outermost first
};

// A text that no reader of JSON has to see: another encoding, compressed or binary.
std::optional<JsonMistake> not_text(std::string_view text);

// `reason` is the reader's own, such as "unexpected ']'; expected string literal"; `end` is after the last byte read.
JsonMistake explain_json(const SourceText& source, const JsonProgress& progress, std::size_t end,
                         std::string_view reason);

}  // namespace probe_run
