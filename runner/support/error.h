// Errors and warnings for the user.
//
// Set-up code throws one Error; main catches it once and prints every diagnostic in it. Each diagnostic says
// what is wrong and, where it can, what to do next and which place of a spec is at fault.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace probe_run {

// A place in a text file, ready to print: the line's text is already safe for a terminal.
struct Excerpt {
  std::string file;
  std::size_t line = 0;          // from 1
  std::size_t column = 0;        // from 1, counted in characters
  std::string text;              // the line, or the part of it around the column
  std::size_t caret_column = 0;  // from 1, within `text`
  std::size_t caret_length = 1;
};

struct Diagnostic {
  enum class Severity { error, warning };

  Severity severity = Severity::error;
  std::string what;
  std::string hint;  // what to do next; may be empty
  std::optional<Excerpt> where;
};

// The diagnostic as lines of text, ending in a newline. Without a place it begins "probe-run: ".
std::string to_text(const Diagnostic& diagnostic);

class Error : public std::exception {
 public:
  explicit Error(std::string what, std::string hint = {}, std::optional<Excerpt> where = std::nullopt);
  explicit Error(std::vector<Diagnostic> diagnostics);  // REQUIRES: not empty

  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  const char* what() const noexcept override { return diagnostics_.front().what.c_str(); }

 private:
  std::vector<Diagnostic> diagnostics_;
};

// The spec itself is wrong, whatever the kernel can do: another exit code.
class SpecError : public Error {
 public:
  using Error::Error;
};

// "Permission denied" for EACCES (or -EACCES), never a bare number.
std::string errno_text(int error);

}  // namespace probe_run
