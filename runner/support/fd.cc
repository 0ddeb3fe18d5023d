#include "support/fd.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

#include <cerrno>

#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {

std::string read_file(const std::string& path, std::size_t limit, Wait wait) {
  const std::string shown = escape_for_terminal(path);
  // Without O_NONBLOCK, opening a FIFO waits for a writer.
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) throw Error(fmt::format("cannot open {}: {}", shown, errno_text(errno)));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) {
    throw Error(fmt::format("cannot read {}: {}", shown, errno_text(errno)));
  }
  if (S_ISDIR(status.st_mode)) throw Error(fmt::format("cannot read {}: it is a directory", shown));
  if (!S_ISREG(status.st_mode) && wait == Wait::for_writers) {
    fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) throw Error(fmt::format("cannot open {}: {}", shown, errno_text(errno)));
  } else if (!S_ISREG(status.st_mode)) {
    throw Error(fmt::format("cannot read {}: it is not a file", shown));
  }

  std::string bytes;
  char chunk[65536];
  for (;;) {
    const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(fmt::format("cannot read {}: {}", shown, errno_text(errno)));
    if (got == 0) return bytes;
    bytes.append(chunk, static_cast<std::size_t>(got));
    if (bytes.size() > limit) {
      throw Error(fmt::format("{} is larger than the limit of {} bytes", shown, limit));
    }
  }
}

Written write_some(int fd, std::string_view bytes) noexcept {
  Written done;
  while (done.bytes < bytes.size()) {
    const ssize_t written = ::write(fd, bytes.data() + done.bytes, bytes.size() - done.bytes);
    if (written >= 0) {
      done.bytes += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      if (::poll(&ready, 1, -1) < 0 && errno != EINTR) {
        done.error = errno;
        return done;
      }
    } else if (errno != EINTR) {
      done.error = errno;
      return done;
    }
  }
  return done;
}

int write_all(int fd, std::string_view bytes) noexcept {
  return write_some(fd, bytes).error;
}

}  // namespace probe_run
