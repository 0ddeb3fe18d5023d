#include "support/descriptors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace probe_run {

void open_standard_descriptors() noexcept {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    if (::open("/dev/null", O_RDWR) < 0) static_cast<void>(::open("/", O_PATH));  // takes the number, no more
  }
}

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  // A failure is ignored: whoever finds no descriptor left reports it.
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

bool has_descriptors(std::size_t count) noexcept {
  if (count == 0) return true;
  const int fd = ::open("/", O_PATH | O_CLOEXEC);
  if (fd < 0) return errno != EMFILE && errno != ENFILE;
  const bool has_more = has_descriptors(count - 1);
  ::close(fd);
  return has_more;
}

std::string descriptor_limit_hint() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return fmt::format(
      "this process may have {} descriptors open, and each map, program and attach point takes one, or one "
      "for each CPU: raise the hard limit (`ulimit -Hn`, or LimitNOFILE= of a systemd unit)",
      limit.rlim_cur);
}

}  // namespace probe_run
