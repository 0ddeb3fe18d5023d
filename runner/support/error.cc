#include "support/error.h"

#include <fmt/format.h>

#include <cstdlib>
#include <system_error>
#include <utility>

namespace probe_run {

std::string to_text(const Diagnostic& diagnostic) {
  const std::string_view severity = diagnostic.severity == Diagnostic::Severity::error ? "error" : "warning";
  std::string text;
  if (diagnostic.where) {
    const Excerpt& where = *diagnostic.where;
    const std::string number = std::to_string(where.line);
    text = fmt::format("{}:{}:{}: {}: {}\n", where.file, where.line, where.column, severity, diagnostic.what);
    text += fmt::format("  {} | {}\n", number, where.text);
    text += fmt::format("  {:>{}} | {:>{}}{}\n", "", number.size(), "", where.caret_column - 1,
                        '^' + std::string(where.caret_length - 1, '~'));
  } else {
    text = fmt::format("probe-run: {}: {}\n", severity, diagnostic.what);
  }
  // A hint may hold several lines; each is indented below the message.
  std::string_view rest = diagnostic.hint;
  std::string_view label = "  hint: ";
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    text += fmt::format("{}{}\n", label, rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    label = "        ";
  }
  return text;
}

Error::Error(std::string what, std::string hint, std::optional<Excerpt> where) {
  diagnostics_.push_back({Diagnostic::Severity::error, std::move(what), std::move(hint), std::move(where)});
}

Error::Error(std::vector<Diagnostic> diagnostics) : diagnostics_(std::move(diagnostics)) {}

std::string errno_text(int error) {
  // ENOTSUPP, which is the kernel's own and which the C library does not know.
  constexpr int not_supported = 524;
  if (std::abs(error) == not_supported) return "not supported by this kernel";
  return std::generic_category().message(std::abs(error));
}

}  // namespace probe_run
