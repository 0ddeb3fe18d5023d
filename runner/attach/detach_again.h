// Detaching what has no link. The kernel keeps it when the process is gone, so one failed call must not be the end.
#pragma once

#include <cerrno>
#include <ctime>

namespace probe_run {

// Calls `remove`, which returns 0 or an errno, up to three times while what it lacks (memory, a descriptor) may be
// there in a moment. Returns its last result.
template <typename Remove>
int detach_again(const Remove& remove) noexcept {
  int error = 0;
  for (const long pause_ms : {0, 10, 100}) {
    const timespec pause{0, pause_ms * 1'000'000};
    if (pause_ms > 0) ::nanosleep(&pause, nullptr);
    error = remove();
    const bool may_pass = error == ENOMEM || error == ENOBUFS || error == EMFILE || error == ENFILE ||
                          error == EINTR || error == EAGAIN || error == EBUSY;
    if (!may_pass) break;
  }
  return error;
}

}  // namespace probe_run
