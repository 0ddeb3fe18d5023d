// What a run delivered and what it lost.
#pragma once

#include <cstdint>
#include <string>

#include "support/duration.h"

namespace probe_run {

struct Figures {
  std::uint64_t events = 0;        // records of streams and printed lines
  std::uint64_t reads = 0;         // of polled maps
  std::uint64_t lost = 0;          // records that never came
  std::uint64_t undecodable = 0;   // shorter than their type, or of no type that the spec names
  std::uint64_t longer = 0;        // records with bytes behind their type, which nothing shows
  std::uint64_t incomplete = 0;    // reads that a changing map disturbed
  std::uint64_t vanished = 0;      // keys that were deleted between being listed and looked up
  std::uint64_t restarted = 0;     // reads that the kernel sent back to the beginning
  std::uint64_t ungrouped = 0;     // records beyond the limit on groups: all in one
  std::uint64_t sampled_out = 0;   // rows that an output's "sample" left out
  std::uint64_t rate_limited = 0;  // rows that an output's "rate_limit" left out
  std::uint64_t unremembered = 0;  // entries beyond the limit on those whose last values are kept
  // Of metrics; told by the runner's own metrics only.
  std::uint64_t series_merged = 0;        // rows whose labels another one had
  std::uint64_t series_beyond_limit = 0;  // rows for which there was no further series
  std::uint64_t series_refused = 0;       // counters that would have fallen

  Figures& operator+=(const Figures& other);

  // Something did not come, or not as it should have. What is in the row of other groups is no loss.
  bool has_losses() const;
};

// {"events":12,"reads":0,"lost":0,...}: every figure by its name.
std::string to_json(const Figures& figures);

// "12 events, 0 lost, 0 undecodable in 3.0 s"
std::string to_text(const Figures& figures, Duration elapsed);

}  // namespace probe_run
