// A text file held in memory, and places in it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/error.h"
#include "support/fd.h"

namespace probe_run {

// A half-open range of byte offsets into a SourceText.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;

  friend bool operator==(const Span&, const Span&) = default;
};

// A value together with the place it was written at.
template <class T>
struct Located {
  T value{};
  Span at;

  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

class SourceText {
 public:
  SourceText(std::string file, std::string text);

  const std::string& file() const { return file_; }
  std::string_view text() const { return text_; }

  // The number of the line that the offset is in, from 1.
  std::size_t line(std::size_t offset) const;

  // The line that holds span.begin with a caret under the span. Offsets past the end mean the end. The time that it
  // takes grows with the column, so it is made for what is shown alone.
  Excerpt excerpt(Span span) const;

 private:
  std::size_t mark() const;  // the length of the byte order mark

  std::string file_;
  std::string text_;
  std::vector<std::size_t> line_begins_;  // a byte order mark belongs to no line
};

inline constexpr std::size_t source_limit = 4u << 20;  // bytes: a spec is small

// Reads the whole file; throws Error naming it.
std::shared_ptr<const SourceText> read_source(const std::string& path, Wait wait = Wait::for_no_one);

// Collects what is wrong with one text, so that a user sees the mistakes at once: up to `shown` of them, and how many
// more there are.
class Diagnostics {
 public:
  static constexpr std::size_t shown = 50;
  static constexpr std::size_t limit = 1000;

  explicit Diagnostics(std::shared_ptr<const SourceText> source) : source_(std::move(source)) {}

  // Throws SpecError, as throw_if_failed() does, at the `limit`: what is this wrong is not read to its end.
  void error(Span at, std::string what, std::string hint = {});
  void warning(Span at, std::string what, std::string hint = {});
  void error_without_place(std::string what, std::string hint = {});

  // What is at this place was given as `--set NAME=VALUE`: an error there is shown as one of the command line.
  struct Setting {
    std::string name, value;
  };
  void attribute(Span at, Setting setting);

  bool failed() const { return failed_; }
  std::vector<Diagnostic> all() const;  // in the order of the text
  const SourceText& source() const { return *source_; }
  const std::shared_ptr<const SourceText>& shared_source() const { return source_; }

  // Throws one SpecError with every diagnostic when at least one of them is an error.
  void throw_if_failed() const;

 private:
  struct Entry {
    Diagnostic::Severity severity = Diagnostic::Severity::error;
    std::string what;
    std::string hint;
    std::optional<Span> at;
  };
  void add(Entry entry);

  std::shared_ptr<const SourceText> source_;
  std::vector<Entry> entries_;
  std::vector<std::pair<Span, Setting>> settings_;
  bool failed_ = false;
};

}  // namespace probe_run
