#include "support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "support/places.h"

namespace test {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read = -1, write = -1;
};

Pipe make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  return {fds[0], fds[1]};
}

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

// The standard input of a child, as a file: it never blocks.
int input_file(const std::string& text) {
  std::FILE* const file = std::tmpfile();
  if (file == nullptr) throw std::runtime_error("tmpfile failed");
  std::fwrite(text.data(), 1, text.size(), file);
  std::rewind(file);
  const int fd = ::fcntl(::fileno(file), F_DUPFD_CLOEXEC, 3);
  std::fclose(file);
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

[[noreturn]] void become(std::vector<std::string>& command, const ProcessOptions& options) {
  if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) ::_exit(126);
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (options.uid != 0 && (::setgid(options.uid) != 0 || ::setuid(options.uid) != 0)) ::_exit(126);
  ::signal(SIGHUP, SIG_DFL);  // ignored, and inherited, if the tests run under nohup
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

bool drain(int& fd, std::string& text) {
  char chunk[65536];
  const ssize_t got = ::read(fd, chunk, sizeof chunk);
  if (got > 0) {
    text.append(chunk, static_cast<std::size_t>(got));
    return true;
  }
  if (got == 0) close_fd(fd);
  return false;
}

}  // namespace

Process::Process(std::vector<std::string> command, const ProcessOptions& options) {
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  int in = input_file(options.input);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::dup2(in, 0);
    ::dup2(out.write, 1);
    ::dup2(err.write, 2);
    become(command, options);
  }
  close_fd(in);
  close_fd(out.write);
  close_fd(err.write);
  out_fd_ = out.read;
  err_fd_ = err.read;
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_fd(out_fd_);
  close_fd(err_fd_);
}

bool Process::pump(int timeout_ms) {
  pollfd fds[2] = {{out_fd_, POLLIN, 0}, {err_fd_, POLLIN, 0}};
  if (out_fd_ < 0 && err_fd_ < 0) return false;
  ::poll(fds, 2, timeout_ms);
  if (fds[0].revents != 0) drain(out_fd_, out_);
  if (fds[1].revents != 0) drain(err_fd_, err_);
  return true;
}

bool Process::wait_for(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = Clock::now() + limit;
  while (!condition()) {
    if (Clock::now() > end || !pump(50)) return condition();
  }
  return true;
}

bool Process::wait_for_err(std::string_view text, std::chrono::milliseconds limit) {
  return wait_for([&] { return err_.find(text) != std::string::npos; }, limit);
}

bool Process::wait_for_out(std::string_view text, std::chrono::milliseconds limit) {
  return wait_for([&] { return out_.find(text) != std::string::npos; }, limit);
}

bool Process::wait_for_lines(const std::function<bool(std::string_view)>& condition,
                             std::chrono::milliseconds limit) {
  return wait_for([&] { return condition(std::string_view(out_).substr(0, out_.rfind('\n') + 1)); }, limit);
}

void Process::signal(int number) {
  ::kill(pid_, number);
}

Finished Process::finish(std::chrono::milliseconds limit) {
  const auto end = Clock::now() + limit;
  int status = 0;
  bool ended = false;
  while (!ended) {
    // With both streams closed there is nothing to poll: it may take long to exit.
    if (!pump(10)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ended = ::waitpid(pid_, &status, WNOHANG) == pid_;
    if (!ended && Clock::now() > end) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, &status, 0);
      ended = true;
    }
  }
  pid_ = -1;
  // Its last output is in the pipes; a grandchild that keeps them open must not block the test.
  const auto last = Clock::now() + std::chrono::milliseconds(500);
  while (Clock::now() < last && pump(50)) {
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out_, err_};
}

Finished run(std::vector<std::string> command, const ProcessOptions& options) {
  return Process(std::move(command), options).finish();
}

std::string probe_run() {
  // In a VM the build directory is not where it was built.
  const char* const path = std::getenv("PROBE_RUN");
  return path != nullptr ? path : PROBE_RUN_BINARY_DIR "/probe-run";
}

}  // namespace test
