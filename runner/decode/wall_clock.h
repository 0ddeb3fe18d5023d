// Converts CLOCK_MONOTONIC to the time of day, also for times before the clock was set or the machine was suspended.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace probe_run {

class WallClock {
 public:
  // Sets the offset from CLOCK_MONOTONIC to ns since 1970, observed at `monotonic`. Small changes are the steady
  // correction of the clock; a larger one is a step, and earlier times keep the old offset.
  void observe(std::int64_t monotonic, std::int64_t to_wall) noexcept {
    const auto change = static_cast<std::int64_t>(static_cast<std::uint64_t>(to_wall) -
                                                  static_cast<std::uint64_t>(steps_[newest_].to_wall));
    if (seen_ && (change > step_ns || change < -step_ns)) {
      if (newest_ + 1 == steps_.size()) {
        for (std::size_t i = 1; i < steps_.size(); ++i) steps_[i - 1] = steps_[i];
      } else {
        ++newest_;
      }
      steps_[newest_].since = static_cast<std::uint64_t>(monotonic);
    }
    steps_[newest_].to_wall = to_wall;
    seen_ = true;
  }

  // Any number from a program is added, and wraps if it is not a valid time.
  std::int64_t at(std::uint64_t ktime) const noexcept {
    std::size_t step = newest_;
    while (step > 0 && ktime < steps_[step].since) --step;
    return static_cast<std::int64_t>(ktime + static_cast<std::uint64_t>(steps_[step].to_wall));
  }

 private:
  static constexpr std::int64_t step_ns = 10'000'000;
  struct Step {
    std::uint64_t since = 0;  // CLOCK_MONOTONIC; the oldest step also applies to all times before it
    std::int64_t to_wall = 0;
  };
  std::array<Step, 16> steps_{};
  std::size_t newest_ = 0;
  bool seen_ = false;
};

}  // namespace probe_run
