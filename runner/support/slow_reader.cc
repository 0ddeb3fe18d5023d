#include "support/slow_reader.h"

#include <cerrno>

#include "support/clock.h"

namespace probe_run {

int SlowReader::write(TextBuffer& lines) noexcept {
  std::size_t done = 0;
  int error = 0;
  while (done < lines.size() && error == 0) {
    const ssize_t written = writer_.write(writer_.portion(lines.view().substr(done)));
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
      // A reader that was stuck is not waited for again before it has taken everything, or it would hold up others with
      // each little that it takes.
      if (!stuck_ || patience_->finishing()) blocked_since_ = 0;
    } else if (errno == EAGAIN) {
      if (blocked_since_ == 0) blocked_since_ = clock_ns(CLOCK_MONOTONIC);
      if (patience_->wait(writer_.fd(), blocked_since_)) continue;
      stuck_ = true;
      break;
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  lines.remove_prefix(done);
  if (lines.empty()) {
    stuck_ = false;
    blocked_since_ = 0;
  }
  return error;
}

}  // namespace probe_run
