#include "command/stop_signal.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

#include "support/error.h"

namespace probe_run {
namespace {

// A signal handler has no other way to what it serves.
volatile std::sig_atomic_t event = -1;

void on_signal(int) {
  const int saved = errno;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  const std::uint64_t one = 1;
  const ssize_t written = ::write(event, &one, sizeof one);  // an eventfd takes it, or has one already
  static_cast<void>(written);
  errno = saved;
}

}  // namespace

void take_stop_signals() {
  event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event < 0) throw Error("cannot take signals: " + errno_text(errno));
  // A script's background jobs begin with SIGINT ignored; here it is taken all the same.
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

int stop_signal_fd() {
  return event;
}

}  // namespace probe_run
