// Writing to a descriptor whose reader may take nothing, without ever waiting for it.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "support/fd.h"

namespace probe_run {

// O_NONBLOCK of an inherited descriptor would be shared with every process that has it, so pipes and terminals are
// opened again; where that is not permitted, poll() comes before each write.
class NonblockingWriter {
 public:
  NonblockingWriter() = default;
  // `fd` is not owned, and must stay open.
  explicit NonblockingWriter(int fd) noexcept;

  // What writing it may have to wait for: a pipe, a socket or a terminal.
  bool has_reader() const noexcept { return kind_ != Kind::file; }

  // Like write(2): fewer bytes when there is no room for more; -1 with EAGAIN for none. REQUIRES: `text` is not empty
  ssize_t write(std::string_view text) const noexcept;
  // To be polled for POLLOUT.
  int fd() const noexcept { return opened_ ? opened_.get() : fd_; }

  // How much of `text`, which consists of lines, to write at a time: a pipe takes whole lines as a whole, so that one
  // whose reader stops has no part of a line, unless that is longer than 4096 bytes.
  std::string_view portion(std::string_view text) const noexcept;

 private:
  enum class Kind { file, pipe, socket, terminal };

  int fd_ = -1;
  Fd opened_;
  Kind kind_ = Kind::file;
  std::size_t capacity_ = 0;  // of a pipe
};

}  // namespace probe_run
