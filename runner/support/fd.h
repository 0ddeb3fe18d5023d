// Owned file descriptors, and whole files read through them.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

namespace probe_run {

// Closes its descriptor when it is destroyed. -1: none.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  // Gives the descriptor up, unclosed.
  int release() { return std::exchange(fd_, -1); }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

// What is read to its end, and waited for: files alone, or pipes too, as in `probe-run <(jsonnet spec.jsonnet)`.
enum class Wait { for_no_one, for_writers };

// The bytes of the file at `path`; throws Error naming it when it cannot be read, is not a file or is larger than
// `limit`.
std::string read_file(const std::string& path, std::size_t limit, Wait wait = Wait::for_no_one);

struct Written {
  std::size_t bytes = 0;
  int error = 0;  // an errno, when there are fewer than there should be
};
// Writes every byte, or what can be written until the first error. Retries after EINTR and waits when a
// non-blocking target is full.
Written write_some(int fd, std::string_view bytes) noexcept;

// The same; returns 0 or an errno.
int write_all(int fd, std::string_view bytes) noexcept;

}  // namespace probe_run
