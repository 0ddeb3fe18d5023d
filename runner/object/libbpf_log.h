// What libbpf says while it works.
#pragma once

#include <string>

namespace probe_run {

// While one lives, what libbpf prints is kept instead of going to stderr: errors quote it. libbpf has one
// print function for the whole process, so only one may live at a time.
class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  const std::string& text() const { return text_; }
  void clear() { text_.clear(); }

 private:
  std::string text_;
};

}  // namespace probe_run
