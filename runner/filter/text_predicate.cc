#include "filter/text_predicate.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/utf8.h"

namespace probe_run {

TextIs text_predicate(const Field& field, const FieldKind& kind) {
  TextIs test;
  test.rendered = field.shape != Shape::text;
  test.frames = kind.frames;
  return test;
}

FieldPredicate equal_predicate(TextIs test, std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  test.wanted = TextIs::Equal{std::move(texts)};
  return test;
}

FieldPredicate ordered_predicate(TextIs test, FloatIs::Order order, std::string text) {
  test.wanted = TextIs::Ordered{order, std::move(text)};
  return test;
}

std::optional<FieldPredicate> glob_predicate(TextIs test, const std::vector<Literal>& patterns,
                                             std::vector<ExpressionError>& errors) {
  std::vector<Glob> globs;
  bool good = true;
  for (const Literal& pattern : patterns) {
    Glob::Mistake mistake;
    globs.push_back(Glob::compile(pattern.text, mistake));
    if (mistake.length == 0) continue;
    good = false;
    errors.push_back(
        {{pattern.at.offset + 1 + mistake.offset, mistake.length},
         fmt::format("not a pattern: {}", mistake.what),
         "* is any text, ? any character, [a-z] one of them; in a spec each backslash is written twice"});
  }
  if (!good) return std::nullopt;
  test.wanted = std::move(globs);
  return test;
}

std::optional<FieldPredicate> regex_predicate(TextIs test, const Literal& pattern,
                                              std::vector<ExpressionError>& errors) {
  Regex::Mistake mistake;
  Regex regex = Regex::compile(pattern.text, mistake);
  if (mistake.length != 0) {
    errors.push_back({{pattern.at.offset + 1 + mistake.offset,
                       std::min(mistake.length, std::max<std::size_t>(pattern.text.size(), 1))},
                      fmt::format("not a regular expression: {}", escape_for_terminal(mistake.what)),
                      "the syntax is that of RE2; in a spec each backslash is written twice"});
    return std::nullopt;
  }
  test.wanted = std::move(regex);
  return test;
}

}  // namespace probe_run
