// Points in time as text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "support/text_buffer.h"

namespace probe_run {

// Converts CLOCK_MONOTONIC to the time of day, also for times before the clock was set or the machine was suspended.
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

// "2026-11-21T06:59:00.123456789Z" for nanoseconds since 1970.
void append_utc(TextBuffer& out, std::int64_t wall_ns) noexcept;

// A strftime pattern in local time, extended by %L (milliseconds), %f (microseconds) and %N (nanoseconds). The parts
// that are constant within a second are formatted once for that second.
class TimeFormat {
 public:
  // Throws Error for an invalid pattern.
  explicit TimeFormat(std::string_view pattern);

  void append(TextBuffer& out, std::int64_t wall_ns) noexcept;

 private:
  struct Piece {
    std::string pattern;  // for strftime; empty for a fraction
    unsigned digits = 0;  // of the fraction
    char text[64] = {};   // the pattern's text in `second_`
    std::size_t length = 0;
  };

  void format_pieces(std::time_t second) noexcept;

  std::vector<Piece> pieces_;
  std::time_t second_ = 0;
  bool formatted_ = false;
};

}  // namespace probe_run
