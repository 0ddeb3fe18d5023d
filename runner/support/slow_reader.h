// Writes lines to a pipe, a socket or a terminal, whose reader may take them slowly, or not at all.
#pragma once

#include <cstdint>

#include "support/nonblocking.h"
#include "support/reader_patience.h"
#include "support/text_buffer.h"

namespace probe_run {

class SlowReader {
 public:
  SlowReader() = default;  // there is none
  // `fd` is not owned; `patience` must outlive this. A file has no reader.
  SlowReader(int fd, ReaderPatience& patience) : writer_(fd), patience_(&patience) {}

  bool exists() const noexcept { return patience_ != nullptr && writer_.has_reader(); }

  // Writes what the reader takes, waits for it with patience, and removes it from `lines`. Returns 0 or an errno.
  int write(TextBuffer& lines) noexcept;
  // It was waited for in vain, and has not taken everything since.
  bool is_stuck() const noexcept { return stuck_; }

 private:
  NonblockingWriter writer_;
  ReaderPatience* patience_ = nullptr;
  std::int64_t blocked_since_ = 0;  // CLOCK_MONOTONIC; 0: it is not blocked
  bool stuck_ = false;
};

}  // namespace probe_run
