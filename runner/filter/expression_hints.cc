#include "filter/expression_hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t longest_name = 64;  // of a field, between a function and its text

// Without capitals and underscores.
std::string plain_name(std::string_view name) {
  std::string plain(name);
  std::transform(plain.begin(), plain.end(), plain.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::erase(plain, '_');
  return plain;
}

// The text in quotes after `offset`, if it is the next; else "x".
std::string next_quoted(std::string_view text, std::size_t offset) {
  const std::size_t open = text.find_first_of("'\"", offset);
  if (open == std::string_view::npos || open > offset + longest_name) return "x";
  const std::size_t close = text.find(text[open], open + 1);
  if (close == std::string_view::npos) return "x";
  return escape_for_terminal(text.substr(open + 1, close - open - 1));
}

struct Match {
  std::string_view name;
  std::string_view op, before, after;  // comm OP 'BEFOREtextAFTER'
};
constexpr Match matches[] = {{"startswith", "glob", "", "*"}, {"hasprefix", "glob", "", "*"},
                             {"beginswith", "glob", "", "*"}, {"endswith", "glob", "*", ""},
                             {"hassuffix", "glob", "*", ""},  {"contains", "glob", "*", "*"},
                             {"includes", "glob", "*", "*"},  {"strcontains", "glob", "*", "*"},
                             {"match", "=~", "", ""},         {"matches", "=~", "", ""},
                             {"regex", "=~", "", ""}};

std::string match_hint(std::string_view name, std::string_view field, const std::string& text) {
  const std::string plain = plain_name(name);
  for (const Match& match : matches) {
    if (match.name != plain) continue;
    return fmt::format("match text with {0}: {1} {0} '{2}{3}{4}'", match.op, escape_for_terminal(field),
                       match.before, text, match.after);
  }
  return {};
}

}  // namespace

std::string instead_of_call(std::string_view text, std::string_view function, std::size_t open) {
  const std::size_t dot = function.rfind('.');
  const bool is_method = dot != std::string_view::npos;
  std::string_view field = function.substr(0, is_method ? dot : 0);
  if (!is_method) {
    const std::size_t begin = text.find_first_not_of(" (", open);
    const std::size_t end = text.find_first_of(" ,)", begin);
    if (begin != std::string_view::npos && end != std::string_view::npos)
      field = text.substr(begin, end - begin);
  }
  std::string hint =
      match_hint(is_method ? function.substr(dot + 1) : function, field, next_quoted(text, open));
  if (!hint.empty()) return hint;
  return "conditions have no functions except exists(FIELD); join conditions with \"and\" or \"or\"";
}

std::string instead_of_word(std::string_view text, std::string_view field, std::string_view word,
                            std::size_t end) {
  const std::string plain = plain_name(word);
  if (plain == "is" || plain == "eq" || plain == "equals") return "use == to compare";
  if (plain == "like") return "match text with =~ or glob, where * is any text";
  return match_hint(word, field, next_quoted(text, end));
}

}  // namespace probe_run
