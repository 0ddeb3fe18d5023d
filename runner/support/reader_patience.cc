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

ReaderPatience::Waited ReaderPatience::wait(int fd, std::int64_t since) noexcept {
  for (;;) {
    const std::int64_t now = clock_ns(CLOCK_MONOTONIC);
    const std::optional<std::int64_t> until = limit(since);
    const std::int64_t left = until ? *until - now : 0;
    if (until && left <= 0) return Waited::in_vain;
    pollfd fds[] = {{fd, POLLOUT, 0}, {signalled_ ? -1 : signal_fd(), POLLIN, 0}};
    const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    if (::ppoll(fds, 2, until ? &timeout : nullptr, nullptr) < 0 && errno != EINTR) return Waited::in_vain;
    if (fds[0].revents != 0) return Waited::writable;
    if (fds[1].revents == 0) continue;
    if (!finish_began_) return Waited::signalled;
    signalled_ = clock_ns(CLOCK_MONOTONIC);
  }
}

}  // namespace probe_run
