#include "engine/run_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "sink/terminal.h"
#include "support/status.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

RunReport::RunReport(const Options& options) : several_(options.specs.size() > 1), strict_(options.strict) {}

SpecReport& RunReport::add(const std::string& name) {
  SpecReport& spec = specs_.emplace_back();
  spec.name = name;
  return spec;
}

// A failure of a run takes precedence over an invalid spec: exit code 2 means that only files need fixing.
void RunReport::fail(SpecReport& spec, std::string failure, ExitCode code) {
  spec.failure = std::move(failure);
  if (code_ != exit_failed) code_ = code;
}

void RunReport::wrong(SpecReport& spec, const Error& error) {
  report(error.diagnostics(), Patience::of_a_run);
  fail(spec, error.what(), exit_invalid);
}

void RunReport::refused(SpecReport& spec, const Error& error) {
  report(error.diagnostics(), Patience::of_a_run);
  const bool is_wrong = dynamic_cast<const SpecError*>(&error) != nullptr;
  fail(spec, error.what(), is_wrong ? exit_invalid : exit_failed);
}

void RunReport::failed(SpecReport& spec, const std::string& failure, bool ends) {
  if (!spec.failure.empty()) return;
  std::string hint;
  if (several_ && ends) {
    hint = fmt::format("the spec \"{}\" is stopped{}", escape_for_terminal(spec.name),
                       strict_ ? ", and with --strict all others, too" : "; the others continue");
  }
  report({{Diagnostic::Severity::error, failure, std::move(hint), std::nullopt}}, Patience::of_a_run);
  fail(spec, failure, exit_failed);
}

void RunReport::summarise() const {
  std::vector<std::string> names;
  for (const SpecReport& spec : specs_) {
    if (!spec.failure.empty()) names.push_back(escape_for_terminal(spec.name));
  }
  if (!several_ || names.empty()) return;
  print_status(Patience::of_a_run, "{} of {} specs failed: {}", names.size(), specs_.size(),
               join(views(names)));
}

}  // namespace probe_run
