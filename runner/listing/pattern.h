// Which places a person asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/error.h"
#include "support/glob.h"

namespace probe_run {

// The pattern makes no sense, whatever there is here.
class PatternError : public Error {
 public:
  using Error::Error;
};

// Whether some letter of it stands for others.
bool has_wildcards(std::string_view text);

// "TYPE", "TYPE:TARGET", or without a type a pattern of whole lines ("*open*"). In all of them *, ? and [a-z]
// stand for other letters, as in a shell.
class PlacePattern {
 public:
  // Throws PatternError that names the pattern.
  explicit PlacePattern(std::string text);

  const std::string& text() const { return text_; }

  // False for a pattern of whole lines.
  bool has_type() const { return kind_ != Kind::lines; }
  bool takes_type(std::string_view type) const;

  // What stands behind the type; "" for all.
  std::string_view target() const { return target_; }
  // Throws PatternError where the target is no pattern: that of a place in a file may look like none.
  bool matches(std::string_view type, std::string_view target);

  // Of places in files: "libc.so.6" and "mal*" of "libc.so.6:mal*". The file's name is plain text.
  struct FileTarget {
    std::string_view file, place;
  };
  static FileTarget split_file(std::string_view target);
  bool names_file() const {
    return !split_file(target_).place.empty() || target_.find('/') != std::string::npos;
  }

  // It has a target, and no letter in it stands for others.
  bool names_one() const { return kind_ == Kind::typed && !target_.empty() && !has_wildcards(target_); }

 private:
  enum class Kind { typed, lines };

  std::string text_;
  Kind kind_ = Kind::typed;
  std::string type_, target_;
  std::optional<Glob> type_glob_;    // none where it is plain text
  std::optional<Glob> target_glob_;  // likewise; compiled when it is first needed
  std::string line_;                 // room for one that is compared
};

// Throws PatternError that names the pattern that the glob is a part of.
Glob compile_glob(std::string_view glob, std::string_view pattern);

}  // namespace probe_run
