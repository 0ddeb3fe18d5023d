#include "support/status.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "support/clock.h"
#include "support/fd.h"
#include "support/nonblocking.h"

namespace probe_run {
namespace {

constexpr std::int64_t patience_ns = 100'000'000;

// Opened once, and by prepare_status() before a run watches what is opened.
const NonblockingWriter& standard_error() noexcept {
  static const NonblockingWriter opened(STDERR_FILENO);
  return opened;
}

// False when it cannot be written to.
bool wait_for_room(int fd, std::int64_t ns) noexcept {
  pollfd ready{fd, POLLOUT, 0};
  const timespec limit{ns / 1'000'000'000, ns % 1'000'000'000};
  const int count = ::ppoll(&ready, 1, &limit, nullptr);
  return count > 0 || (count < 0 && errno == EINTR);
}

}  // namespace

void prepare_status() noexcept {
  static_cast<void>(standard_error());
}

void write_status(std::string_view text, Patience patience) noexcept {
  if (patience == Patience::unlimited) {
    static_cast<void>(write_all(STDERR_FILENO, text));
    return;
  }
  const NonblockingWriter& out = standard_error();
  const std::int64_t end = clock_ns(CLOCK_MONOTONIC) + patience_ns;
  while (!text.empty()) {
    const ssize_t written = out.write(text);
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      const std::int64_t left = end - clock_ns(CLOCK_MONOTONIC);
      if (left <= 0 || !wait_for_room(out.fd(), left)) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

}  // namespace probe_run
