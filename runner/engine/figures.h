// Counts of what a run delivered and lost.
#pragma once

#include <cstdint>
#include <string>

#include "support/duration.h"

namespace probe_run {

struct Figures {
  std::uint64_t events = 0;        // records of streams and printed lines
  std::uint64_t reads = 0;         // of maps
  std::uint64_t lost = 0;          // records that never came, of the streams in which they are counted
  std::uint64_t missed = 0;        // calls for which the kernel did not run a program, of those it counts
  std::uint64_t undecodable = 0;   // shorter than their type, or of no type that the spec names
  std::uint64_t longer = 0;        // records with bytes after their type, which are not shown
  std::uint64_t incomplete = 0;    // reads disturbed by changes of the map
  std::uint64_t vanished = 0;      // keys that were deleted between being listed and looked up
  std::uint64_t restarted = 0;     // reads that the kernel restarted
  std::uint64_t ungrouped = 0;     // records beyond the limit on groups, in one row
  std::uint64_t sampled_out = 0;   // rows skipped by an output's "sample"
  std::uint64_t rate_limited = 0;  // rows dropped by an output's "rate_limit"
  std::uint64_t not_written = 0;   // lines that an output's target did not take
  std::uint64_t unremembered = 0;  // entries beyond the limit on remembered keys
  // What `lost` and `missed` stand for: with nothing counted, they are unknown, not 0.
  std::uint64_t counted_streams = 0, uncounted_streams = 0;
  std::uint64_t counted_programs = 0, uncounted_programs = 0;
  std::uint64_t left_out = 0;  // rows of a last interval that the end of the run cut short; in the summary
  // Of metrics; in the runner's own metrics.
  std::uint64_t series_merged = 0;  // rows that were added to another one with the same labels
  std::uint64_t series_replaced =
      0;  // rows that another one with the same labels replaced, also in the summary
  std::uint64_t series_beyond_limit = 0;  // rows beyond the limit on series, also in the summary
  std::uint64_t series_refused = 0;       // counters that would have decreased

  Figures& operator+=(const Figures& other);

  // A map that is only read loses nothing.
  bool lost_is_known() const { return counted_streams > 0 || uncounted_streams == 0; }
  bool missed_is_known() const { return counted_programs > 0; }

  // Something was lost or incomplete, or nobody knows. Records in the row of other groups are not lost.
  bool has_losses() const;
};

// {"events":12,"reads":0,"lost":0,...}: every figure by its name; null if it is unknown.
std::string to_json(const Figures& figures);

// "12 events, 0 lost, 0 undecodable in 3.0 s"
std::string to_text(const Figures& figures, Duration elapsed);

}  // namespace probe_run
