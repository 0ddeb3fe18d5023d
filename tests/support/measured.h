// How long a program took and how much memory it had.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

struct Measured {
  int status = -1;  // of waitpid()
  double seconds = 0;
  std::uint64_t peak_kib = 0;  // resident
};

// Its standard output and error go to /dev/null. The peak is read while it runs, every millisecond: the peak
// from wait4() includes the parent's memory, from before the exec.
inline Measured run_measured(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const auto begin = std::chrono::steady_clock::now();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    const int nothing = ::open("/dev/null", O_WRONLY);
    if (nothing < 0 || ::dup2(nothing, 1) < 0 || ::dup2(nothing, 2) < 0) ::_exit(126);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  Measured measured;
  const std::string status = "/proc/" + std::to_string(pid) + "/status";
  const std::string program = "/proc/" + std::to_string(pid) + "/exe";
  char own[4096]{};
  if (::readlink("/proc/self/exe", own, sizeof own - 1) < 0) throw std::runtime_error("no /proc/self/exe");
  while (::waitpid(pid, &measured.status, WNOHANG) == 0) {
    // Until the exec it is this program, with its memory. So the executable is checked first: in the other
    // order, the exec could happen in between.
    char its[4096]{};
    const ssize_t size = ::readlink(program.c_str(), its, sizeof its - 1);
    if (size > 0 && std::string(its, static_cast<std::size_t>(size)) != own) {
      std::ifstream lines(status);
      for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("VmHWM:"))
          measured.peak_kib = std::max<std::uint64_t>(measured.peak_kib, std::stoull(line.substr(6)));
      }
    }
    ::usleep(1000);
  }
  measured.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return measured;
}

}  // namespace test
