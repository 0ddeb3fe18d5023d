#include "terminal.h"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "machine.h"

namespace test {
namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

}  // namespace

Terminal::Terminal(std::vector<std::string> command, const std::map<std::string, std::string>& environment) {
  winsize size{};
  size.ws_row = 24;
  size.ws_col = 200;
  pid_ = ::forkpty(&fd_, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::runtime_error("forkpty failed");
  if (pid_ > 0) return;
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

Terminal::~Terminal() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(fd_);
}

void Terminal::type(const std::string& keys) {
  if (::write(fd_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
    throw std::runtime_error("cannot type into the terminal");
  }
}

bool Terminal::read_some() {
  pollfd ready{fd_, POLLIN, 0};
  if (::poll(&ready, 1, 20) <= 0) return false;
  char bytes[4096];
  const ssize_t got = ::read(fd_, bytes, sizeof bytes);
  if (got > 0) screen_.append(bytes, static_cast<std::size_t>(got));
  return got > 0;
}

void Terminal::wait_for(const std::string& text, std::size_t times) {
  const bool seen = eventually([&] {
    while (count_of(screen_, text) < times && read_some()) {
    }
    return count_of(screen_, text) >= times;
  });
  if (!seen) throw std::runtime_error("\"" + text + "\" did not appear; the screen is:\n" + screen_);
}

}  // namespace test
