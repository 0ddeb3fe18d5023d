#include "sink/replaced_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "support/error.h"
#include "support/fd.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// To rename over a link would leave what it points to as it is.
std::string behind_links(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real ? std::string(real.get()) : path;
}

std::string temporary_beside(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  // Hidden, and without ".prom" at its end, so that no collector reads it.
  return fmt::format("{}.{}.probe-run", path.substr(0, name), path.substr(name));
}

// What a run that was killed left there is removed. Returns the descriptor; -1 with errno.
int create(const std::string& path) noexcept {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return -1;
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

}  // namespace

ReplacedFile::ReplacedFile(const std::string& path)
    : shown_(escape_for_terminal(path)), path_(behind_links(path)), temporary_(temporary_beside(path_)) {
  const Fd fd(create(temporary_));
  const int error = errno;
  if (!fd) {
    throw Error(fmt::format("cannot write to {}: {}", shown_, errno_text(error)),
                "the directory must exist and be writable: a temporary file is renamed over it");
  }
  ::unlink(temporary_.c_str());
}

bool ReplacedFile::cannot_replace(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

int ReplacedFile::try_write(std::string_view document) const noexcept {
  Fd fd(create(temporary_));
  if (!fd) return errno;
  if (const int error = write_all(fd.get(), document); error != 0) return error;
  if (::fchmod(fd.get(), 0644) != 0) return errno;
  // Some file systems say only now that they are full.
  if (::close(fd.release()) != 0) return errno;
  return ::rename(temporary_.c_str(), path_.c_str()) == 0 ? 0 : errno;
}

void ReplacedFile::write(std::string_view document) noexcept {
  const int before = error_;
  error_ = try_write(document);
  if (error_ != 0) ::unlink(temporary_.c_str());
  if ((error_ == 0) == (before == 0)) return;
  notice_ = error_ != 0
                ? fmt::format("warning: cannot write to {}: {}; it keeps what it contains until the next try",
                              shown_, errno_text(error_))
                : fmt::format("{} is written again", shown_);
}

std::string ReplacedFile::failure() const {
  if (error_ == 0 || !finished_) return {};
  return fmt::format("cannot write to {}: {}", shown_, errno_text(error_));
}

}  // namespace probe_run
