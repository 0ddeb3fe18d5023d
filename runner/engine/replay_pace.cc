#include "engine/replay_pace.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "support/clock.h"
#include "support/stop_signal.h"

namespace probe_run {

bool WatchedPace::stopped() noexcept {
  if (!stopped_) {
    pollfd signal{signal_fd(), POLLIN, 0};
    if (::poll(&signal, 1, 0) > 0) {
      const Signals signals = take_signals();
      // As in a run: reopens files; without files, the terminal was closed.
      const bool hung_up = signals.hang_up && !sinks_.reopen() && !signals.ignores_hang_up;
      stopped_ = signals.stop || hung_up;
    }
  }
  return stopped_;
}

bool WatchedPace::wait_until(std::int64_t since_begin) noexcept {
  if (!speed_) return true;  // stopped() is checked for each chunk
  if (!begin_) begin_ = clock_ns(CLOCK_MONOTONIC);
  constexpr double longest = 1e18;  // nanoseconds; a damaged recording may have any times
  const double away = static_cast<double>(since_begin) / *speed_;
  return wait(-1, *begin_ + static_cast<std::int64_t>(std::clamp(away, 0.0, longest)));
}

bool WatchedPace::wait_for_input(int fd) noexcept {
  return wait(fd, std::nullopt);
}

bool WatchedPace::wait(int fd, std::optional<std::int64_t> until) noexcept {
  bool flushed = false;
  while (!stopped()) {
    std::int64_t left = flushed ? -1 : 0;
    if (until) {
      left = *until - clock_ns(CLOCK_MONOTONIC);
      if (left <= 0) return true;
    }
    // Lines that are ready must not wait in the buffer.
    if (!flushed && until) {
      sinks_.flush();
      flushed = true;
    }
    pollfd fds[] = {{signal_fd(), POLLIN, 0}, {stdout_, 0, 0}, {fd, POLLIN, 0}};
    timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    const int ready = ::ppoll(fds, 3, left < 0 ? nullptr : &timeout, nullptr);
    if (ready < 0 && errno != EINTR) return true;  // the read reports the error
    if (ready > 0 && fds[1].revents != 0) {
      stdout_ = -1;
      sinks_.close_stdout();
      if (sinks_.unread()) return false;
      continue;
    }
    if (ready > 0 && fds[2].revents != 0) return !stopped();
    if (ready == 0 && !until) {
      sinks_.flush();
      flushed = true;
    }
  }
  return false;
}

}  // namespace probe_run
