#include "filter/regex.h"

#include <re2/re2.h>

#include "support/utf8.h"

namespace probe_run {
namespace {

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const Utf8Character character = next_utf8(text);
    if (!character.valid) return false;
    text.remove_prefix(character.length);
  }
  return true;
}

RE2::Options options(RE2::Options::Encoding encoding) {
  RE2::Options options;
  options.set_encoding(encoding);
  options.set_max_mem(Regex::memory_limit);
  options.set_log_errors(false);
  return options;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

Regex::Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Regex Regex::compile(std::string_view expression, Mistake& mistake) {
  Regex regex;
  for (auto [form, encoding] : {std::pair(&regex.characters_, RE2::Options::EncodingUTF8),
                                std::pair(&regex.bytes_, RE2::Options::EncodingLatin1)}) {
    *form = std::make_unique<RE2>(piece(expression), options(encoding));
    if ((*form)->ok()) continue;
    const std::string& part = (*form)->error_arg();
    const std::size_t at = part.empty() ? std::string_view::npos : expression.find(part);
    mistake = {at == std::string_view::npos ? 0 : at,
               at == std::string_view::npos ? std::max<std::size_t>(expression.size(), 1) : part.size(),
               (*form)->error_code() == RE2::ErrorPatternTooLarge ? "it is too large" : (*form)->error()};
    break;
  }
  return regex;
}

bool Regex::matches(std::string_view text) const noexcept {
  const RE2& form = is_utf8(text) ? *characters_ : *bytes_;
  return form.Match(piece(text), 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

}  // namespace probe_run
