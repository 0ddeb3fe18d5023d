// Writes lines to a pipe, a socket or a terminal, whose reader may take them slowly, or not at all.
#pragma once

#include <cstdint>

#include "support/nonblocking.h"
#include "support/reader_patience.h"
#include "support/text_buffer.h"

namespace probe_run {

class SlowReader {
 public:
  // Bytes that are kept for a reader while others go on. Beyond them it is waited for, unless it is stuck.
  static constexpr std::size_t most_waiting = std::size_t{8} << 20;
  // A reader that takes less than this many bytes in the time that patience gives it is stuck, until it has caught up
  // with half of `most_waiting`: one that is merely slow must lose nothing, and one that takes a little now and then
  // must not hold up others each time.
  static constexpr std::size_t least_taken = std::size_t{64} * 1024;

  SlowReader() = default;  // there is none
  // `fd` is not owned; `patience` must outlive this. A file has no reader.
  SlowReader(int fd, ReaderPatience& patience) : writer_(fd), patience_(&patience) {}

  bool exists() const noexcept { return patience_ != nullptr && writer_.has_reader(); }

  // Writes what the reader takes, waits for it with patience, and removes it from `lines`. Returns 0 or an errno.
  int write(TextBuffer& lines) noexcept;
  bool is_stuck() const noexcept { return stuck_; }

 private:
  void took(std::size_t bytes) noexcept;
  bool wait(std::size_t left) noexcept;

  NonblockingWriter writer_;
  ReaderPatience* patience_ = nullptr;
  std::int64_t since_ =
      0;  // CLOCK_MONOTONIC: when it was first waited for, or last took enough; 0: it is not waited for
  std::size_t taken_ = 0;  // since then
  bool stuck_ = false;
};

}  // namespace probe_run
