// A sink that writes to a descriptor: standard output or error, or a file at a path.
#pragma once

#include "sink/sink.h"

namespace probe_run {

class FileSink final : public Sink {
 public:
  // `fd` is not owned.
  FileSink(std::string name, int fd);
  // The file at `path`, which was opened as `fd`.
  FileSink(std::string path, Fd fd, OldLines old);
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  void begin() noexcept override;
  void flush() noexcept override;
  bool reopen() noexcept override;
  bool closed() const noexcept override;
  std::string failure() const override;
  bool is_terminal() const noexcept override { return terminal_; }
  std::optional<Screen> screen() const override;
  std::optional<Identity> identity() const override { return identity_; }

 private:
  void write() noexcept;
  void cut_back(std::string_view written) noexcept;
  void close_cut_array(std::string_view kept) noexcept;
  void follow_path() noexcept;
  void open_again() noexcept;

  std::string name_;  // for messages
  std::string path_;  // "" for what has none, or is no regular file
  Fd owned_;
  int fd_;
  bool terminal_ = false;
  std::optional<Identity> identity_;
  std::int64_t checked_ = 0;  // CLOCK_MONOTONIC: when the path was looked at
  bool waits_ = false;        // for begin(): the file has its old lines
  bool lost_path_ = false;    // it cannot be opened again, which is said

  int error_ = 0;
  std::uint64_t newlines_ = 0;  // in the file that is open
  bool whole_ = false;          // the file ends with a whole line in spite of the error
};

}  // namespace probe_run
