#include "listing/pattern.h"

#include <fmt/format.h>

#include "support/utf8.h"

namespace probe_run {

bool has_wildcards(std::string_view text) {
  return text.find_first_of("*?[\\") != std::string_view::npos;
}

Glob compile_glob(std::string_view glob, std::string_view pattern) {
  Glob::Mistake mistake;
  Glob compiled = Glob::compile(glob, mistake);
  if (mistake.length != 0) {
    throw PatternError(fmt::format("--list {}: {}", escape_for_terminal(pattern), mistake.what),
                       "use * for any characters, ? for one character, [a-z] for one of a range");
  }
  return compiled;
}

PlacePattern::PlacePattern(std::string text) : text_(std::move(text)) {
  const std::size_t colon = text_.find(':');
  if (colon != std::string::npos) {
    type_ = text_.substr(0, colon);
    target_ = text_.substr(colon + 1);
  } else if (has_wildcards(text_)) {
    kind_ = Kind::lines;
    target_glob_ = compile_glob(text_, text_);
    return;
  } else {
    type_ = text_;
  }
  if (has_wildcards(type_)) type_glob_ = compile_glob(type_, text_);
}

bool PlacePattern::takes_type(std::string_view type) const {
  if (kind_ == Kind::lines) return true;
  return type_glob_ ? type_glob_->matches(type) : type_ == type;
}

PlacePattern::FileTarget PlacePattern::split_file(std::string_view target) {
  // The name of a directory may contain a colon.
  const std::size_t slash = target.rfind('/');
  const std::size_t colon = target.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon == std::string_view::npos) return {target, {}};
  return {target.substr(0, colon), target.substr(colon + 1)};
}

bool PlacePattern::matches(std::string_view type, std::string_view target) {
  if (kind_ == Kind::lines) {
    line_.assign(type);
    line_ += ':';
    line_ += target;
    return target_glob_->matches(line_);
  }
  if (!target_glob_ && has_wildcards(target_)) target_glob_ = compile_glob(target_, text_);
  if (target_glob_) return target_glob_->matches(target);
  return target_.empty() || target_ == target;
}

}  // namespace probe_run
