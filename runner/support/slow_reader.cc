#include "support/slow_reader.h"

#include <cerrno>

#include "support/clock.h"

namespace probe_run {

void SlowReader::took(std::size_t bytes) noexcept {
  taken_ += bytes;
  if (patience_->has_others() && taken_ < least_taken) return;
  since_ = 0;
  taken_ = 0;
}

// False: it is to take `left` bytes some other time.
bool SlowReader::wait(std::size_t left) noexcept {
  if (patience_->has_others() && (stuck_ || left < most_waiting)) return false;
  if (since_ == 0) {
    since_ = clock_ns(CLOCK_MONOTONIC);
    taken_ = 0;
  }
  switch (patience_->wait(writer_.fd(), since_)) {
    case ReaderPatience::Waited::writable:
      return true;
    case ReaderPatience::Waited::in_vain:
      stuck_ = true;
      break;
    case ReaderPatience::Waited::later:
      break;
  }
  return false;
}

int SlowReader::write(TextBuffer& lines) noexcept {
  std::size_t done = 0;
  int error = 0;
  while (done < lines.size() && error == 0) {
    const ssize_t written = writer_.write(writer_.portion(lines.view().substr(done)));
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
      took(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      if (!wait(lines.size() - done)) break;
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  lines.remove_prefix(done);
  if (lines.size() <= most_waiting / 2) stuck_ = false;
  if (lines.empty()) since_ = 0;
  return error;
}

}  // namespace probe_run
