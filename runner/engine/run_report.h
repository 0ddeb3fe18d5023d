// The states of the specs of a run: reported when they change, and summarized at the end.
#pragma once

#include <deque>
#include <string>

#include "engine/options.h"
#include "engine/spec_report.h"
#include "support/error.h"

namespace probe_run {

class RunReport {
 public:
  explicit RunReport(const Options& options);

  // Adds a spec by its name. The reference stays valid.
  SpecReport& add(const std::string& name);
  const std::deque<SpecReport>& specs() const { return specs_; }
  // With a single spec, the run ends as the spec does.
  bool several() const { return several_; }

  // The spec is invalid, so it was not started.
  void wrong(SpecReport& spec, const Error& error);
  // It could not be loaded or attached.
  void refused(SpecReport& spec, const Error& error);
  // It failed while it ran. It stops, or continues with the rest. Reported once for each spec.
  void failed(SpecReport& spec, const std::string& failure, bool ends);

  // One failed, and --strict stops the others.
  bool ends_all() const { return strict_ && code_ != exit_ok; }
  // Reports how many failed, if there are others.
  void summarise() const;
  int exit_code() const { return code_; }

 private:
  void fail(SpecReport& spec, std::string failure, ExitCode code);

  bool several_, strict_;
  std::deque<SpecReport> specs_;
  ExitCode code_ = exit_ok;
};

}  // namespace probe_run
