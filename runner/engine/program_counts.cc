#include "engine/program_counts.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/utf8.h"

namespace probe_run {
namespace {

// Of all links of a point; nullopt if the kernel does not count for one of them.
std::optional<MissedCalls> missed_of(const Attachment& attachment) noexcept {
  MissedCalls sum;
  for (const Link& link : attachment.links) {
    const std::optional<MissedCalls> missed = missed_calls(link);
    if (!missed) return std::nullopt;
    sum.count += missed->count;
    sum.at_return = missed->at_return;
  }
  return sum;
}

}  // namespace

void ProgramCounts::begin(const BpfObject& object, const std::vector<Attachment>& attachments) {
  object_ = &object;
  for (const Attachment& attachment : attachments) {
    auto program = std::find_if(programs_.begin(), programs_.end(), [&](const ProgramReport& known) {
      return known.program == attachment.program;
    });
    if (program == programs_.end()) program = programs_.insert(program, ProgramReport{attachment.program});
    if (!attachment.links.empty() && descriptor_of(attachment.links.front()) >= 0)
      kernel_counts_ = kernel_counts_ && kernel_counts_missed_calls(attachment.links.front());
    program->is_probe = program->is_probe || attachment.is_kernel_probe;
    if (!attachment.is_kernel_probe) continue;
    points_.push_back(
        {attachment.description, static_cast<std::size_t>(program - programs_.begin()), std::nullopt});
  }
  read(attachments);
}

void ProgramCounts::read(const std::vector<Attachment>& attachments) noexcept {
  if (object_ == nullptr) return;
  auto point = points_.begin();
  for (const Attachment& attachment : attachments) {
    if (!attachment.is_kernel_probe) continue;
    if (point == points_.end()) break;
    if (!attachment.links.empty()) point->missed = missed_of(attachment);
    ++point;
  }
  for (ProgramReport& program : programs_) {
    program.counters = read_counters(*object_, program.program);
    program.missed.reset();
    if (kernel_counts_) program.missed = program.counters.recursion_misses;
  }
  for (const Point& missing : points_) {
    std::optional<std::uint64_t>& missed = programs_[missing.program].missed;
    if (missed && missing.missed)
      *missed += missing.missed->count;
    else
      missed.reset();
  }
}

Missed ProgramCounts::missed() const noexcept {
  Missed sum;
  for (const ProgramReport& program : programs_) {
    if (program.missed) {
      sum.calls += *program.missed;
      ++sum.counted;
    } else if (program.is_probe) {
      ++sum.uncounted;
    }
  }
  return sum;
}

std::vector<Diagnostic> ProgramCounts::warnings(const std::string& spec) const {
  std::vector<Diagnostic> warnings;
  for (const Point& point : points_) {
    if (!point.missed || point.missed->count == 0) continue;
    const bool at_return = point.missed->at_return;
    warnings.push_back(
        {Diagnostic::Severity::warning,
         fmt::format("{}: {} missed {} {}: {}", escape_for_terminal(spec), point.description,
                     point.missed->count, at_return ? "returns" : "calls",
                     at_return ? "too many calls were in progress" : "another probe was running on that CPU"),
         at_return ? "use \"fexit\", which has no limit on calls in progress" : "", std::nullopt});
  }
  return warnings;
}

}  // namespace probe_run
