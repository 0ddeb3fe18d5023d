// Runs code that may crash in a separate process, so that a crash fails one test and names the step.
#pragma once

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <string>

namespace test {

// `body` receives a counter for its current step, and returns whether it succeeded. Returns "" if it did,
// otherwise what happened.
template <class Body>
std::string fate(Body body) {
  void* const shared =
      ::mmap(nullptr, sizeof(unsigned), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return "mmap failed";
  auto& step = *static_cast<volatile unsigned*>(shared);
  const pid_t child = ::fork();
  if (child == 0) {
    // A crash must end the child, not run the crash handler of the test program.
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTERM}) std::signal(number, SIG_DFL);
    ::alarm(60);
    int status = 2;
    try {
      status = body(step) ? 0 : 1;
    } catch (const std::exception&) {
    }
    ::_exit(status);
  }
  int status = 0;
  std::string said;
  if (child < 0 || ::waitpid(child, &status, 0) != child) {
    said = "fork failed";
  } else if (WIFSIGNALED(status)) {
    said = "killed by signal " + std::to_string(WTERMSIG(status)) + " at step " + std::to_string(step);
  } else if (WEXITSTATUS(status) != 0) {
    said =
        (WEXITSTATUS(status) == 1 ? "wrong at step " : "exception or abort at step ") + std::to_string(step);
  }
  ::munmap(shared, sizeof(unsigned));
  return said;
}

}  // namespace test
