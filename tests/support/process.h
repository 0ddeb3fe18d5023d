// Running a program in a test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace test {

struct Finished {
  int status = -1;  // exit code, or 128 + signal
  std::string out, err;
};

struct ProcessOptions {
  std::string input;                               // of standard input; which is empty by default
  std::map<std::string, std::string> environment;  // beside the inherited one
  unsigned uid = 0;                                // run as this user when not 0 (needs root)
  std::string directory;                           // working directory
};

// A child process whose output is collected in the background. The destructor kills and reaps it.
class Process {
 public:
  explicit Process(std::vector<std::string> command, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  // Waits until the text appears on the stream; false if the process exits or the time is over before that.
  bool wait_for_err(std::string_view text, std::chrono::milliseconds limit = std::chrono::seconds(30));
  bool wait_for_out(std::string_view text, std::chrono::milliseconds limit = std::chrono::seconds(30));

  // The same for the complete lines on standard output so far.
  bool wait_for_lines(const std::function<bool(std::string_view lines)>& condition,
                      std::chrono::milliseconds limit = std::chrono::seconds(30));

  void signal(int number);
  // Waits for its exit; a process that takes longer is killed, and its status is 128 + 9.
  Finished finish(std::chrono::milliseconds limit = std::chrono::seconds(60));

 private:
  bool pump(int timeout_ms);  // false when both streams have ended
  bool wait_for(const std::function<bool()>& condition, std::chrono::milliseconds limit);

  pid_t pid_ = -1;
  int out_fd_ = -1, err_fd_ = -1;
  std::string out_, err_;
};

// Runs the command to its end.
Finished run(std::vector<std::string> command, const ProcessOptions& options = {});

// The probe-run that was built.
std::string probe_run();

}  // namespace test
