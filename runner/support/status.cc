#include "support/status.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "support/clock.h"
#include "support/fd.h"

namespace probe_run {
namespace {

constexpr std::int64_t patience_ns = 100'000'000;

// Standard error as a descriptor that never blocks. O_NONBLOCK of the inherited one would be shared with every process
// that has it, so pipes and terminals are opened again; where that is not permitted, poll() comes before each write.
struct Nonblocking {
  Fd opened;
  bool socket = false;
  bool always_ready = false;  // a regular file

  Nonblocking() noexcept {
    struct stat status {};
    if (::fstat(STDERR_FILENO, &status) != 0) return;
    socket = S_ISSOCK(status.st_mode);
    always_ready = S_ISREG(status.st_mode);
    if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode))
      opened = Fd(::open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  }

  ssize_t write(std::string_view text) const noexcept {
    if (socket) return ::send(STDERR_FILENO, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (opened || always_ready) return ::write(fd(), text.data(), text.size());
    // A pipe that is ready takes this much without blocking.
    pollfd ready{fd(), POLLOUT, 0};
    if (::poll(&ready, 1, 0) == 1) return ::write(fd(), text.data(), text.size() < 512 ? text.size() : 512);
    errno = EAGAIN;
    return -1;
  }
  int fd() const noexcept { return opened ? opened.get() : STDERR_FILENO; }
};

// Opened once, and by prepare_status() before a run watches what is opened.
const Nonblocking& standard_error() noexcept {
  static const Nonblocking opened;
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
  const Nonblocking& out = standard_error();
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
