// Two texts that should be the same, shown side by side as a unified diff that a person reads.
#pragma once

#include <string>
#include <string_view>

namespace probe_run {

struct DiffStyle {
  bool colours = false;
  std::size_t context = 3;  // lines around a difference
  std::size_t width = 160;  // characters of a line; a longer one is cut around the difference
  std::size_t most = 100;   // lines in all
};

// "" when they are the same. Control characters, bidi controls and invalid bytes show as <1B>, <U+202E>,
// <FF>; spaces at the end of a changed line as "·".
std::string diff_text(std::string_view expected, std::string_view received, const DiffStyle& style = {});

}  // namespace probe_run
