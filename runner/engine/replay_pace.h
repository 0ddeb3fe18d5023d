// Controls the speed of a replay, and ends it early.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <optional>

#include "engine/sink_set.h"

namespace probe_run {

// No waiting, to the end.
class ReplayPace {
 public:
  ReplayPace() = default;
  virtual ~ReplayPace() = default;
  ReplayPace(const ReplayPace&) = delete;
  ReplayPace& operator=(const ReplayPace&) = delete;

  // Waits until that many nanoseconds after the beginning of the recorded run. False: stop here.
  virtual bool wait_until(std::int64_t) noexcept { return true; }
  // Waits until there is something to read, or the end of the file. False: stop here.
  virtual bool wait_for_input(int) noexcept { return true; }
  virtual bool stopped() noexcept { return false; }
};

// For interactive use: signals end the replay, a closed standard output is noticed, and no lines wait in a buffer while
// the replay waits.
class WatchedPace final : public ReplayPace {
 public:
  // `speed` is relative to the recorded run; without it, the replay does not wait.
  // REQUIRES: take_stop_signals() was called
  WatchedPace(std::optional<double> speed, SinkSet& sinks) : speed_(speed), sinks_(sinks) {}

  bool wait_until(std::int64_t since_begin) noexcept override;
  bool wait_for_input(int fd) noexcept override;
  bool stopped() noexcept override;

 private:
  // Waits until `fd` is readable (-1: none) or CLOCK_MONOTONIC is `until`. False: stop.
  bool wait(int fd, std::optional<std::int64_t> until) noexcept;

  std::optional<double> speed_;
  SinkSet& sinks_;
  std::optional<std::int64_t> begin_;  // CLOCK_MONOTONIC of this machine
  bool stopped_ = false;
  int stdout_ = STDOUT_FILENO;  // watched for errors only: its reader is gone; -1 after that
};

}  // namespace probe_run
