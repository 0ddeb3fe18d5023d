// What the kernel counts of the attached programs of a spec: the calls that they missed, and their run time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attach/kernel_counters.h"
#include "engine/spec_report.h"
#include "source/event_consumer.h"
#include "support/source_text.h"

namespace probe_run {

class ProgramCounts {
 public:
  // `object` must outlive this.
  void begin(const BpfObject& object, const std::vector<Attachment>& attachments);
  // Updates the counters of the programs, and those of the links that are still attached.
  void read(const std::vector<Attachment>& attachments) noexcept;

  // By program, in the order in which they were attached.
  const std::vector<ProgramReport>& programs() const { return programs_; }
  Missed missed() const noexcept;
  // A warning for each attach point that missed calls.
  std::vector<Diagnostic> warnings(const std::string& spec) const;

 private:
  struct Point {
    std::string description;
    std::size_t program = 0;  // in programs_
    std::optional<MissedCalls> missed;
  };

  const BpfObject* object_ = nullptr;
  bool kernel_counts_ = true;
  std::vector<ProgramReport> programs_;
  std::vector<Point> points_;  // those that can miss calls; in the order of the attachments
};

}  // namespace probe_run
