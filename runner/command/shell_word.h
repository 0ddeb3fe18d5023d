// A path in a command that a person can copy from a message.
#pragma once

#include <string>
#include <string_view>

#include "support/utf8.h"

namespace probe_run {

// The word as a shell takes it, safe to show: as it is, within single quotes, or, where it has a backslash or
// what a terminal must not get, as $'\x1b' of bash and zsh.
inline std::string shell_word(std::string_view word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
  if (escape_for_terminal(word) == word) {
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
    return quoted + "'";
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string quoted = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\' && c != '\'') {
      quoted += c;
    } else {
      quoted += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return quoted + "'";
}

}  // namespace probe_run
