// A text file held in memory, and places in it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/error.h"

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

  // The line that holds span.begin with a caret under the span. Offsets past the end mean the end.
  Excerpt excerpt(Span span) const;

 private:
  std::string file_;
  std::string text_;
};

// Reads the whole file; throws Error naming it. Files over `limit` bytes are refused (a spec is small).
std::shared_ptr<const SourceText> read_source(const std::string& path, std::size_t limit = 4u << 20);

// Collects what is wrong with one text, so that a user sees every mistake at once.
class Diagnostics {
 public:
  explicit Diagnostics(std::shared_ptr<const SourceText> source) : source_(std::move(source)) {}

  void error(Span at, std::string what, std::string hint = {});
  void add(Diagnostic diagnostic);

  // What is at this place was given as `--set NAME=VALUE`: an error there is shown as one of the command line.
  struct Setting {
    std::string name, value;
  };
  void attribute(Span at, Setting setting);

  bool failed() const { return failed_; }
  std::vector<Diagnostic> all() const;  // in the order of the text
  const SourceText& source() const { return *source_; }

  // Throws one SpecError with every diagnostic when at least one of them is an error.
  void throw_if_failed() const;

 private:
  std::shared_ptr<const SourceText> source_;
  std::vector<Diagnostic> all_;
  std::vector<std::pair<Span, Setting>> settings_;
  bool failed_ = false;
};

}  // namespace probe_run
