// A process that does what a probe must see, on each request, and nothing in between.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace test {

class Actor {
 public:
  using Act = std::function<std::string()>;

  // Forks. `prepare` runs in the child at once: the constructor returns when it is done. `act` runs on each
  // begin(). Neither may throw. The destructor kills the child.
  explicit Actor(Act act, const std::function<void()>& prepare = {});
  ~Actor();
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  pid_t pid() const { return pid_; }
  std::string id() const { return std::to_string(pid_); }

  void begin();            // starts one act
  std::string wait();      // until it has; what `act` returned
  bool has_acted() const;  // wait() would not block
  std::string act() {
    begin();
    return wait();
  }

 private:
  [[noreturn]] void live(const Act& act, const std::function<void()>& prepare) const;

  pid_t pid_ = -1;
  int fd_ = -1;  // of requests and replies
};

// One open in the list of an actor.
struct Open {
  enum class Call { openat, open, openat2, creat };
  std::string path;
  int flags = 0;
  Call call = Call::openat;
};
struct Opened {
  int fd = -1, error = 0;
};

// An act that does all of them and opens no other file. opened() reads its result.
Actor::Act opening(std::vector<Open> opens);
std::vector<Opened> opened(const std::string& result);

// An act of that many getppid() calls.
Actor::Act calling_getppid(std::uint64_t times);

// Starts that many programs, one after the other, each from a task with this name; returns the tasks' ids.
std::vector<pid_t> start_programs(int count, const std::string& task_name, const std::string& program);

void become_user(unsigned uid);
void name_task(const std::string& name);

}  // namespace test
