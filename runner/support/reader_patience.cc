#include "support/reader_patience.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "support/clock.h"
#include "support/stop_signal.h"

namespace probe_run {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t beside_others = 1'000 * ms;
constexpr std::int64_t in_turn = 50 * ms;
constexpr std::int64_t at_end = 5'000 * ms;
constexpr std::int64_t after_signal = 1'000 * ms;
constexpr std::int64_t after_signal_in_all = 10'000 * ms;

}  // namespace

void ReaderPatience::finish(bool signalled) noexcept {
  const std::int64_t now = clock_ns(CLOCK_MONOTONIC);
  finish_began_ = now;
  if (signalled) signalled_ = now;
}

std::optional<std::int64_t> ReaderPatience::limit(std::int64_t since) const noexcept {
  if (signalled_)
    return std::min(std::max(since, *signalled_) + after_signal, *signalled_ + after_signal_in_all);
  if (any_time_) return std::nullopt;
  if (finish_began_) return std::max(since, *finish_began_) + at_end;
  return others_ ? since + beside_others : end_;
}

void ReaderPatience::begin_turn() noexcept {
  left_in_turn_ = in_turn;
}

ReaderPatience::Waited ReaderPatience::wait(int fd, std::int64_t since) noexcept {
  for (;;) {
    const std::int64_t now = clock_ns(CLOCK_MONOTONIC);
    const std::optional<std::int64_t> until = limit(since);
    if (until && *until <= now) return Waited::in_vain;
    std::optional<std::int64_t> left;
    if (until) left = *until - now;
    const bool shares = has_others();
    if (shares && left_in_turn_ <= 0) return Waited::later;
    if (shares) left = std::min(left.value_or(left_in_turn_), left_in_turn_);
    pollfd fds[] = {{fd, POLLOUT, 0}, {signalled_ ? -1 : signal_fd(), POLLIN, 0}};
    const std::int64_t longest = left.value_or(0);
    const timespec timeout{longest / 1'000'000'000, longest % 1'000'000'000};
    if (::ppoll(fds, 2, left ? &timeout : nullptr, nullptr) < 0 && errno != EINTR) return Waited::in_vain;
    if (shares) left_in_turn_ -= clock_ns(CLOCK_MONOTONIC) - now;
    if (fds[0].revents != 0) return Waited::writable;
    if (fds[1].revents == 0) continue;
    if (!finish_began_) return Waited::later;
    // SIGHUP means nothing any more.
    if (take_signals().stop) signalled_ = clock_ns(CLOCK_MONOTONIC);
  }
}

}  // namespace probe_run
