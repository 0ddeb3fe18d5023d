#include "object/trial.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace probe_run {
namespace {

constexpr rlim_t cpu_seconds = 10;

[[noreturn]] void try_out(const std::function<void()>& action) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_DUMPABLE, 0);  // no core dump
  const rlimit limit{cpu_seconds, cpu_seconds};
  ::setrlimit(RLIMIT_CPU, &limit);
  // A crash must be one, whoever handles signals, and must not speak for the run.
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU}) std::signal(number, SIG_DFL);
  if (const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC); null >= 0) ::dup2(null, STDERR_FILENO);
  try {
    action();
  } catch (...) {
    // That is an answer too.
  }
  ::_exit(0);
}

}  // namespace

bool survives_trial(const std::function<void()>& action) {
  const pid_t child = ::fork();
  if (child < 0) return true;
  if (child == 0) try_out(action);
  int status = 0;
  while (::waitpid(child, &status, 0) != child) {
    if (errno != EINTR) return true;  // whoever started this program ignores SIGCHLD
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace probe_run
