// Patterns of places to list.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/error.h"
#include "support/glob.h"

namespace probe_run {

// The pattern is invalid on every machine.
class PatternError : public Error {
 public:
  using Error::Error;
};

// Whether the text contains wildcards.
bool has_wildcards(std::string_view text);

// "TYPE", "TYPE:TARGET", or without a type a pattern of whole lines ("*open*"). *, ? and [a-z] are wildcards as in
// a shell.
class PlacePattern {
 public:
  // Throws PatternError that names the pattern.
  explicit PlacePattern(std::string text);

  const std::string& text() const { return text_; }

  // False for a pattern of whole lines.
  bool has_type() const { return kind_ != Kind::lines; }
  bool takes_type(std::string_view type) const;

  // The text after the type; "" for all.
  std::string_view target() const { return target_; }
  // Throws PatternError if the target is not a valid pattern: the name of a file may look like an invalid one.
  bool matches(std::string_view type, std::string_view target);

  // For places in files: "libc.so.6" and "mal*" of "libc.so.6:mal*". The file's name is plain text.
  struct FileTarget {
    std::string_view file, place;
  };
  static FileTarget split_file(std::string_view target);
  bool names_file() const {
    return !split_file(target_).place.empty() || target_.find('/') != std::string::npos;
  }

  // It has a target without wildcards.
  bool names_one() const { return kind_ == Kind::typed && !target_.empty() && !has_wildcards(target_); }

 private:
  enum class Kind { typed, lines };

  std::string text_;
  Kind kind_ = Kind::typed;
  std::string type_, target_;
  std::optional<Glob> type_glob_;    // none if it is plain text
  std::optional<Glob> target_glob_;  // likewise; compiled at its first use
  std::string line_;                 // buffer for the line being compared
};

// Throws PatternError that names the pattern which contains the glob.
Glob compile_glob(std::string_view glob, std::string_view pattern);

}  // namespace probe_run
