#include "support/nonblocking.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace probe_run {

NonblockingWriter::NonblockingWriter(int fd) noexcept : fd_(fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return;
  if (S_ISSOCK(status.st_mode)) kind_ = Kind::socket;
  if (S_ISFIFO(status.st_mode)) kind_ = Kind::pipe;
  if (S_ISCHR(status.st_mode) && ::isatty(fd) == 1) kind_ = Kind::terminal;
  if (kind_ != Kind::pipe && kind_ != Kind::terminal) return;
  char path[32];
  *fmt::format_to_n(path, sizeof path - 1, "/proc/self/fd/{}", fd).out = '\0';
  opened_ = Fd(::open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  const int capacity = ::fcntl(fd, F_GETPIPE_SZ);
  if (kind_ == Kind::pipe && capacity > 0) capacity_ = static_cast<std::size_t>(capacity);
}

ssize_t NonblockingWriter::write(std::string_view text) const noexcept {
  if (kind_ == Kind::socket) return ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (opened_ || kind_ == Kind::file) return ::write(fd(), text.data(), text.size());
  // A pipe that is ready takes this much without blocking.
  pollfd ready{fd_, POLLOUT, 0};
  const std::size_t size = std::min(text.size(), std::size_t{PIPE_BUF});
  if (::poll(&ready, 1, 0) == 1) return ::write(fd_, text.data(), size);
  errno = EAGAIN;
  return -1;
}

std::string_view NonblockingWriter::portion(std::string_view text) const noexcept {
  if (kind_ != Kind::pipe) return text;
  int unread = 0;
  const bool is_empty = ::ioctl(fd_, FIONREAD, &unread) == 0 && unread == 0;
  const std::size_t room = is_empty ? std::max(capacity_, std::size_t{PIPE_BUF}) : std::size_t{PIPE_BUF};
  if (text.size() <= room) return text;
  const std::size_t newline = text.rfind('\n', room - 1);
  return text.substr(0, newline == std::string_view::npos ? std::size_t{PIPE_BUF} : newline + 1);
}

}  // namespace probe_run
