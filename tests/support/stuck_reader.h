// A FIFO whose reader takes nothing until it is told to.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "support/fd.h"

namespace test {

class StuckReader {
 public:
  explicit StuckReader(const std::string& path) {
    if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("cannot make " + path);
    fd_ = probe_run::Fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!fd_) throw std::runtime_error("cannot open " + path);
  }

  // Takes what is there.
  std::string take() const {
    std::string text;
    char chunk[65536];
    for (ssize_t got = 0; (got = ::read(fd_.get(), chunk, sizeof chunk)) > 0;)
      text.append(chunk, static_cast<std::size_t>(got));
    return text;
  }

 private:
  probe_run::Fd fd_;
};

}  // namespace test
