// A process that does what a probe is to see, each time it is told to, and nothing else in between.
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

  // Forks. `prepare` runs there at once: the constructor returns when that is over. `act` runs on each
  // begin(). Neither may throw. It is killed when this goes.
  explicit Actor(Act act, const std::function<void()>& prepare = {});
  ~Actor();
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  pid_t pid() const { return pid_; }
  std::string id() const { return std::to_string(pid_); }

  void begin();            // lets it act once
  std::string wait();      // until it has; what `act` returned
  bool has_acted() const;  // wait() would return at once
  std::string act() {
    begin();
    return wait();
  }

 private:
  [[noreturn]] void live(const Act& act, const std::function<void()>& prepare) const;

  pid_t pid_ = -1;
  int fd_ = -1;  // begins and answers
};

// An open of the list that an actor works through.
struct Open {
  enum class Call { openat, open, openat2, creat };
  std::string path;
  int flags = 0;
  Call call = Call::openat;
};
struct Opened {
  int fd = -1, error = 0;
};

// The act: does all of them, without anything else that opens a file. opened() reads what it returns.
Actor::Act opening(std::vector<Open> opens);
std::vector<Opened> opened(const std::string& result);

// The act: so many getppid().
Actor::Act calling_getppid(std::uint64_t times);

// Starts so many programs, one after the other, each from a task with this name; the tasks' ids.
std::vector<pid_t> start_programs(int count, const std::string& task_name, const std::string& program);

void become_user(unsigned uid);
void name_task(const std::string& name);

}  // namespace test
