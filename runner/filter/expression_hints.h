// What to write instead of what other languages have in conditions.
#pragma once

#include <string>
#include <string_view>

namespace probe_run {

// For "comm.startswith('x')" and "startswith(comm, 'x')": `function` is the word before the parenthesis, at `open`.
std::string instead_of_call(std::string_view text, std::string_view function, std::size_t open);

// For "comm contains 'x'": `field` is the word before `word`, which ends at `end`; "" for a word that no language has.
std::string instead_of_word(std::string_view text, std::string_view field, std::string_view word,
                            std::size_t end);

}  // namespace probe_run
