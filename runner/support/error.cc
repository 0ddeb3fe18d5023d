#include "support/error.h"

#include <fmt/format.h>

#include <cstdlib>
#include <system_error>
#include <utility>

#include "support/descriptors.h"

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

namespace {

// A lack of descriptors has many consequences: a list that cannot be read knows no function, a map that libbpf could
// not create is missing. Whatever went wrong, that is said first. REQUIRES: what was opened meanwhile is open still
std::string with_cause(std::string hint) {
  constexpr std::size_t most_at_a_time = 4;  // of what looks something up
  if (has_descriptors(most_at_a_time)) return hint;
  std::string cause = descriptor_limit_hint();
  if (hint.find(cause) != std::string::npos) return hint;
  return hint.empty() ? cause : cause + '\n' + hint;
}

}  // namespace

Error::Error(std::string what, std::string hint, std::optional<Excerpt> where) {
  hint = with_cause(std::move(hint));
  diagnostics_.push_back({Diagnostic::Severity::error, std::move(what), std::move(hint), std::move(where)});
}

Error::Error(std::vector<Diagnostic> diagnostics) : diagnostics_(std::move(diagnostics)) {
  Diagnostic& first = diagnostics_.front();
  first.hint = with_cause(std::move(first.hint));
}

std::string errno_text(int error) {
  // ENOTSUPP, which is the kernel's own and which the C library does not know.
  constexpr int not_supported = 524;
  if (std::abs(error) == not_supported) return "not supported by this kernel";
  return std::generic_category().message(std::abs(error));
}

}  // namespace probe_run
