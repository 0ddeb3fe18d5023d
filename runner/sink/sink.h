// Where an output's bytes go.
#pragma once

#include <memory>
#include <string>

#include "support/fd.h"
#include "support/text_buffer.h"

namespace probe_run {

class Sink {
 public:
  virtual ~Sink() = default;

  // Formats append whole lines here.
  TextBuffer& buffer() { return buffer_; }

  // After each line: writes when enough has gathered.
  void line_done() noexcept {
    if (buffer_.size() >= flush_size) flush();
  }

  // Writes what has gathered.
  virtual void flush() noexcept = 0;

  // The reader has gone (a closed pipe): the run is over, quietly.
  virtual bool closed() const noexcept = 0;
  // What went wrong with the target, such as a full disk; "" for nothing.
  virtual std::string failure() const = 0;
  virtual bool is_terminal() const noexcept = 0;

 private:
  static constexpr std::size_t flush_size = std::size_t{64} * 1024;
  TextBuffer buffer_;
};

// "stdout", "stderr", or a file, which is created or emptied. Throws Error naming it.
std::unique_ptr<Sink> open_sink(const std::string& target);

// Takes everything and keeps nothing: for a check.
std::unique_ptr<Sink> null_sink();

// Appends to `text`, which must outlive the sink.
std::unique_ptr<Sink> memory_sink(std::string& text);

}  // namespace probe_run
