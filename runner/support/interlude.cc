#include "support/interlude.h"

#include <algorithm>

#include "support/clock.h"

namespace probe_run {
namespace {

// A consumer that looks more often than this has nearly every record wake it up, which costs the traced task.
constexpr std::int64_t least_pause_ns = 1'000'000;

}  // namespace

void Interlude::look() noexcept {
  if (!act_ || acting_) return;
  const std::int64_t begin = clock_ns(CLOCK_MONOTONIC);
  if (begin < next_) return;
  acting_ = true;
  act_();
  acting_ = false;
  const std::int64_t end = clock_ns(CLOCK_MONOTONIC);
  taken_ += end - begin;
  next_ = end + std::max(least_pause_ns, end - begin);
}

}  // namespace probe_run
