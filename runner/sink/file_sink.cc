#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "sink/sink.h"
#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

class FileSink : public Sink {
 public:
  FileSink(std::string name, Fd owned, int fd) : name_(std::move(name)), owned_(std::move(owned)), fd_(fd) {}
  ~FileSink() override { flush(); }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  void flush() noexcept override {
    if (error_ == 0 && !buffer().empty()) error_ = write_all(fd_, buffer().view());
    buffer().clear();
  }
  bool closed() const noexcept override { return error_ == EPIPE; }
  std::string failure() const override {
    if (error_ == 0 || error_ == EPIPE) return {};
    return fmt::format("cannot write to {}: {}", name_, errno_text(error_));
  }
  bool is_terminal() const noexcept override { return ::isatty(fd_) == 1; }

 private:
  std::string name_;
  Fd owned_;
  int fd_;
  int error_ = 0;
};

class NullSink : public Sink {
 public:
  void flush() noexcept override { buffer().clear(); }
  bool closed() const noexcept override { return false; }
  std::string failure() const override { return {}; }
  bool is_terminal() const noexcept override { return false; }
};

class MemorySink : public Sink {
 public:
  explicit MemorySink(std::string& text) : text_(text) {}
  ~MemorySink() override { flush(); }
  MemorySink(const MemorySink&) = delete;
  MemorySink& operator=(const MemorySink&) = delete;

  void flush() noexcept override {
    text_ += buffer().view();
    buffer().clear();
  }
  bool closed() const noexcept override { return false; }
  std::string failure() const override { return {}; }
  bool is_terminal() const noexcept override { return false; }

 private:
  std::string& text_;
};

}  // namespace

std::unique_ptr<Sink> open_sink(const std::string& target) {
  if (target == "stdout") return std::make_unique<FileSink>("standard output", Fd(), STDOUT_FILENO);
  if (target == "stderr") return std::make_unique<FileSink>("standard error", Fd(), STDERR_FILENO);
  Fd fd(::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  const int error = errno;
  const std::string name = escape_for_terminal(target);
  if (!fd) throw Error(fmt::format("cannot write to {}: {}", name, errno_text(error)));
  const int number = fd.get();
  return std::make_unique<FileSink>(name, std::move(fd), number);
}

std::unique_ptr<Sink> null_sink() {
  return std::make_unique<NullSink>();
}

std::unique_ptr<Sink> memory_sink(std::string& text) {
  return std::make_unique<MemorySink>(text);
}

}  // namespace probe_run
