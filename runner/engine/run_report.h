// What became of the specs of a run: said as it happens, and kept for the end.
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

  // A spec of the run, by its name on the command line. The reference stays.
  SpecReport& add(const std::string& name);
  const std::deque<SpecReport>& specs() const { return specs_; }
  // One spec alone is the run: it ends as the spec does.
  bool several() const { return several_; }

  // The spec is wrong, so nothing of it was tried.
  void wrong(SpecReport& spec, const Error& error);
  // It could not be loaded or attached.
  void refused(SpecReport& spec, const Error& error);
  // Something went wrong while it ran. It ends there, or goes on with what is left. Said once for each spec.
  void failed(SpecReport& spec, const std::string& failure, bool ends);

  // One has failed, and the others may not go on without it.
  bool ends_all() const { return strict_ && code_ != exit_ok; }
  // How many failed, where there are others.
  void summarise() const;
  int exit_code() const { return code_; }

 private:
  void fail(SpecReport& spec, std::string failure, ExitCode code);

  bool several_, strict_;
  std::deque<SpecReport> specs_;
  ExitCode code_ = exit_ok;
};

}  // namespace probe_run
