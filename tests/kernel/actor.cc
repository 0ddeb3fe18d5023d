#include "actor.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace test {
namespace {

void write_fully(int fd, const void* data, std::size_t size) {
  if (::send(fd, data, size, MSG_NOSIGNAL) != static_cast<ssize_t>(size))
    throw std::runtime_error("an actor has exited");
}

bool read_fully(int fd, void* data, std::size_t size) {
  return ::recv(fd, data, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

long call(const Open& open) {
  switch (open.call) {
    case Open::Call::open:
      return ::syscall(SYS_open, open.path.c_str(), open.flags, 0600);
    case Open::Call::openat:
      return ::syscall(SYS_openat, AT_FDCWD, open.path.c_str(), open.flags, 0600);
    case Open::Call::creat:
      return ::syscall(SYS_creat, open.path.c_str(), 0600);
    case Open::Call::openat2: {
      open_how how{};
      how.flags = static_cast<unsigned>(open.flags);
      if ((open.flags & O_CREAT) != 0) how.mode = 0600;
      return ::syscall(SYS_openat2, AT_FDCWD, open.path.c_str(), &how, sizeof how);
    }
  }
  return -1;
}

}  // namespace

Actor::Actor(Act act, const std::function<void()>& prepare) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::runtime_error("socketpair failed");
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  fd_ = ends[pid_ == 0 ? 1 : 0];
  ::close(ends[pid_ == 0 ? 0 : 1]);
  if (pid_ == 0) live(act, prepare);
  wait();
}

Actor::~Actor() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(fd_);
}

void Actor::live(const Act& act, const std::function<void()>& prepare) const {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (prepare) prepare();
  std::string result;
  char begin = 0;
  do {
    const auto size = static_cast<std::uint32_t>(result.size());
    write_fully(fd_, &size, sizeof size);
    if (size > 0) write_fully(fd_, result.data(), size);
    if (!read_fully(fd_, &begin, 1)) ::_exit(0);
    result = act();
  } while (true);
}

void Actor::begin() {
  write_fully(fd_, "b", 1);
}

bool Actor::has_acted() const {
  pollfd answer{fd_, POLLIN, 0};
  return ::poll(&answer, 1, 0) > 0;
}

std::string Actor::wait() {
  std::uint32_t size = 0;
  if (!read_fully(fd_, &size, sizeof size)) throw std::runtime_error("an actor has ended");
  std::string result(size, '\0');
  if (size > 0 && !read_fully(fd_, result.data(), size)) throw std::runtime_error("an actor has ended");
  return result;
}

Actor::Act opening(std::vector<Open> opens) {
  return [opens = std::move(opens)] {
    std::string result;
    for (const Open& open : opens) {
      errno = 0;
      const long fd = call(open);
      const Opened opened{static_cast<int>(fd), errno};
      char bytes[sizeof opened];
      std::memcpy(bytes, &opened, sizeof opened);
      result.append(bytes, sizeof bytes);
    }
    return result;
  };
}

std::vector<Opened> opened(const std::string& result) {
  std::vector<Opened> all(result.size() / sizeof(Opened));
  std::memcpy(all.data(), result.data(), all.size() * sizeof(Opened));
  return all;
}

Actor::Act calling_getppid(std::uint64_t times) {
  return [times] {
    for (std::uint64_t i = 0; i < times; ++i) ::syscall(SYS_getppid);
    return std::string();
  };
}

std::vector<pid_t> start_programs(int count, const std::string& task_name, const std::string& program) {
  std::vector<pid_t> pids;
  for (int i = 0; i < count; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      name_task(task_name);
      ::execl(program.c_str(), program.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::waitpid(pid, nullptr, 0);
    pids.push_back(pid);
  }
  return pids;
}

void become_user(unsigned uid) {
  if (::setgroups(0, nullptr) != 0 || ::setgid(uid) != 0 || ::setuid(uid) != 0) ::_exit(126);
}

void name_task(const std::string& name) {
  ::prctl(PR_SET_NAME, name.c_str());
}

}  // namespace test
