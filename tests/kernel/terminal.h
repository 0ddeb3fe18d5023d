// A program on its own terminal, with input typed by a test.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace test {

class Terminal {
 public:
  Terminal(std::vector<std::string> command, const std::map<std::string, std::string>& environment);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  pid_t pid() const { return pid_; }
  void type(const std::string& keys);
  // Waits until the text has appeared that many times since the start; throws with the screen if it does not.
  void wait_for(const std::string& text, std::size_t times);

 private:
  bool read_some();

  pid_t pid_ = -1;
  int fd_ = -1;
  std::string screen_;
};

}  // namespace test
