#include "support/stop_signal.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "support/clock.h"
#include "support/error.h"

namespace probe_run {
namespace {

// A signal handler has no other way to what it serves.
volatile std::sig_atomic_t event = -1;
volatile std::sig_atomic_t asked_to_stop = 0;
volatile std::sig_atomic_t hung_up = 0;
std::atomic<std::int64_t> stop_time = 0;  // CLOCK_MONOTONIC of the first request
static_assert(std::atomic<std::int64_t>::is_always_lock_free);
bool hang_up_was_ignored = false;

constexpr std::int64_t same_request_ns = 500'000'000;

void wake() {
  const std::uint64_t one = 1;
  const ssize_t written = ::write(event, &one, sizeof one);  // an eventfd takes it, or has one already
  static_cast<void>(written);
}

void on_stop(int signal) {
  const int saved = errno;
  const std::int64_t now = clock_ns(CLOCK_MONOTONIC);
  if (stop_time == 0) {
    stop_time = now;
    asked_to_stop = 1;
    wake();
  } else if (now - stop_time >= same_request_ns) {
    std::signal(signal, SIG_DFL);
    ::raise(signal);  // takes effect when this handler returns
  }
  errno = saved;
}

void on_hang_up(int) {
  const int saved = errno;
  hung_up = 1;
  wake();
  errno = saved;
}

void handle(int signal, void (*handler)(int), struct sigaction* before) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, before);
}

}  // namespace

void take_stop_signals() {
  event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event < 0) throw Error("cannot take signals: " + errno_text(errno));
  // A script's background jobs start with SIGINT ignored; it is handled here nevertheless.
  handle(SIGINT, on_stop, nullptr);
  handle(SIGTERM, on_stop, nullptr);
  struct sigaction before {};
  handle(SIGHUP, on_hang_up, &before);
  hang_up_was_ignored = before.sa_handler == SIG_IGN;
}

int signal_fd() {
  return event;
}

Signals take_signals() {
  std::uint64_t count = 0;
  const ssize_t ignored = ::read(event, &count, sizeof count);  // only to make it unreadable again
  static_cast<void>(ignored);
  Signals signals;
  signals.stop = asked_to_stop != 0;
  signals.hang_up = hung_up != 0;
  asked_to_stop = 0;
  hung_up = 0;
  signals.ignores_hang_up = hang_up_was_ignored;
  return signals;
}

void stop_if_asked() {
  if (asked_to_stop != 0) throw Stopped();
}

}  // namespace probe_run
