#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "sink/sink.h"
#include "sink/terminal.h"
#include "support/clock.h"
#include "support/error.h"
#include "support/slow_reader.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// How often a path is looked at, for a file that was moved away.
constexpr std::int64_t check_ns = 1'000'000'000;

struct Identity {
  dev_t device;
  ino_t inode;
  bool operator==(const Identity&) const = default;
};

std::optional<Identity> regular_file(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return Identity{status.st_dev, status.st_ino};
}

// Of a regular file.
std::optional<Identity> identity_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return std::nullopt;
  return regular_file(status);
}

std::string hint_for(int error) {
  switch (error) {
    case ENOENT:
      return "create its directory first, or correct the path";
    case EISDIR:
      return "name a file in that directory";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a path that you can write to";
    case ENOTDIR:
      return "correct the path: a part of it is a file, not a directory";
    default:
      return {};
  }
}

// A sink that writes to a descriptor: standard output or error, or a file at a path.
class FileSink final : public Sink {
 public:
  // `fd` is not owned.
  FileSink(std::string name, int fd, ReaderPatience* patience);
  // The file at `path`, which open() opens.
  FileSink(std::string path, OldLines old, ReaderPatience* patience);
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  void open() override;
  void begin() noexcept override;
  void flush() noexcept override;
  bool reopen() noexcept override;
  bool closed() const noexcept override;
  void close_unread() noexcept override {
    if (error_ == 0) error_ = EPIPE;
  }
  std::string failure() const override;
  std::uint64_t not_written() const noexcept override { return not_written_; }
  bool discards() const noexcept override { return discards_; }
  bool is_terminal() const noexcept override { return terminal_; }
  std::optional<Screen> screen() const override;

 private:
  void use(int fd) noexcept;
  int try_open() noexcept;  // 0 or an errno
  void write_to_reader() noexcept;
  void refuse(std::size_t rows) noexcept override;
  void give_up() noexcept override;
  void skip_hole() const noexcept;
  void write() noexcept;
  std::uint64_t rows_in(std::string_view text) const noexcept;
  void cut_back(std::string_view written) noexcept;
  void close_cut_array(std::string_view kept) noexcept;
  void follow_path() noexcept;
  void open_again() noexcept;

  std::string name_;  // for messages
  std::string path_;  // "" without a path
  Fd owned_;
  int fd_ = -1;  // -1: not open yet
  bool terminal_ = false;
  bool discards_ = false;
  ReaderPatience* patience_;  // nullptr: any reader is waited for
  SlowReader reader_;
  std::optional<Identity> identity_;
  std::int64_t checked_ = 0;  // CLOCK_MONOTONIC: when the path was looked at
  bool waits_ = false;        // for begin(): the file has its old lines
  bool truncates_ = false;    // in begin()
  bool lost_path_ = false;    // it cannot be opened again, which has been reported

  int error_ = 0;
  std::uint64_t newlines_ = 0;  // in the file that is open
  std::uint64_t not_written_ = 0;
  bool whole_ = false;  // the file ends with a whole line in spite of the error
};

}  // namespace

FileSink::FileSink(std::string name, int fd, ReaderPatience* patience)
    : name_(std::move(name)), patience_(patience) {
  use(fd);
}

FileSink::FileSink(std::string path, OldLines old, ReaderPatience* patience)
    : name_(escape_for_terminal(path)),
      path_(std::move(path)),
      patience_(patience),
      waits_(old == OldLines::until_begin) {}

void FileSink::use(int fd) noexcept {
  fd_ = fd;
  terminal_ = ::isatty(fd) == 1;
  struct stat status {};
  if (::fstat(fd, &status) != 0) return;
  identity_ = regular_file(status);
  discards_ = S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);  // /dev/null
  if (patience_ != nullptr) reader_ = SlowReader(fd, *patience_);
}

// Whatever is written goes to the end of the file, so that it may be truncated or written to by others.
int FileSink::try_open() noexcept {
  owned_ = Fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!owned_) return errno;
  use(owned_.get());
  truncates_ = identity_.has_value();
  return 0;
}

void FileSink::open() {
  if (fd_ >= 0) return;
  if (const int error = try_open(); error != 0)
    throw Error(fmt::format("cannot write to {}: {}", name_, errno_text(error)), hint_for(error));
}

// However a run ends, what it has shown is whole. An array that never began is not made up.
FileSink::~FileSink() {
  if (waits_) return;
  if (is_array() && !array_is_open()) {
    flush();
  } else {
    finish();
  }
}

std::optional<Screen> FileSink::screen() const {
  return screen_of(fd_);
}

void FileSink::begin() noexcept {
  waits_ = false;
  if (fd_ < 0) error_ = try_open();
  if (!truncates_) return;
  truncates_ = false;
  if (::ftruncate(fd_, 0) != 0) error_ = errno;
}

// Standard output writes where others that have it stopped, and not at the end of the file. When the file was truncated
// meanwhile, as by logrotate's copytruncate, that would leave a hole of NULs.
void FileSink::skip_hole() const noexcept {
  if (owned_ || !identity_) return;
  struct stat status {};
  if (::fstat(fd_, &status) == 0 && status.st_size < ::lseek(fd_, 0, SEEK_CUR)) ::lseek(fd_, 0, SEEK_END);
}

void FileSink::flush() noexcept {
  if (buffer().empty()) return;
  write();
  follow_path();
}

void FileSink::write() noexcept {
  begin();
  if (reader_.exists()) return write_to_reader();
  const std::uint64_t before = newlines_;
  if (error_ == 0) {
    skip_hole();
    const Written written = write_some(fd_, buffer().view());
    error_ = written.error;
    const std::string_view done = buffer().view().substr(0, written.bytes);
    newlines_ += static_cast<std::uint64_t>(std::count(done.begin(), done.end(), '\n'));
    if (error_ != 0) cut_back(done);
  }
  if (error_ != 0 && !closed()) {
    const std::uint64_t all = before + rows_in(buffer().view());
    not_written_ += all - std::min(all, newlines_);
  }
  buffer().clear();
}

// The brackets of an array are no rows, though they are on lines of their own. A row of an array has its newline when
// the next one, or the end, follows.
std::uint64_t FileSink::rows_in(std::string_view text) const noexcept {
  auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  if (is_array() && text.starts_with("[")) --lines;
  if (is_array() && text.ends_with("\n]\n")) --lines;
  return lines;
}

// What a reader does not take now stays in the buffer, for as long as it takes nothing.
void FileSink::write_to_reader() noexcept {
  if (error_ == 0) error_ = reader_.write(buffer());
  if (error_ != 0 && !closed()) not_written_ += rows_in(buffer().view());
  if (error_ != 0) buffer().clear();
  set_behind(reader_);
}

void FileSink::refuse(std::size_t rows) noexcept {
  if (not_written_ == 0) {
    notify(fmt::format("warning: the reader of {} is too slow; lines are dropped until it has caught up",
                       name_));
  }
  not_written_ += rows;
}

// A run does not wait for ever for a reader at its end.
void FileSink::give_up() noexcept {
  const std::string_view lines = buffer().view();
  if (lines.empty()) return;
  const std::uint64_t count = lines == "]\n" ? 0 : rows_in(lines);
  buffer().clear();
  if (count == 0) return;
  not_written_ += count;
  notify(
      fmt::format("warning: the reader of {} did not take everything before the end; its last {} not written",
                  name_, count == 1 ? "line was" : fmt::format("{} lines were", count)));
}

// A write that failed part of the way leaves no part of a line in a file: nothing but whole lines is read
// there. What another process wrote after it is not touched.
void FileSink::cut_back(std::string_view written) noexcept {
  if (!identity_) return;
  const off_t end = ::lseek(fd_, 0, SEEK_CUR);
  struct stat status {};
  if (end < 0 || ::fstat(fd_, &status) != 0 || status.st_size != end) return;
  std::size_t kept = written.rfind('\n') + 1;  // 0 without one
  if (is_array() && kept > 1 && written[kept - 2] == ',') kept -= 2;
  newlines_ -= static_cast<std::uint64_t>(
      std::count(written.begin() + static_cast<std::ptrdiff_t>(kept), written.end(), '\n'));
  const auto cut = static_cast<off_t>(written.size() - kept);
  if (::ftruncate(fd_, end - cut) != 0 || ::lseek(fd_, end - cut, SEEK_SET) < 0) return;
  whole_ = true;
  if (is_array()) close_cut_array(written.substr(0, kept));
}

// A cut array is closed nevertheless. When there is no space even for that, rows are removed to make some.
void FileSink::close_cut_array(std::string_view kept) noexcept {
  for (;;) {
    const off_t end = ::lseek(fd_, 0, SEEK_CUR);
    if (end <= 0) return;  // it has not begun
    const bool no_rows = kept == "[\n";
    const std::string_view closing = no_rows ? "]\n" : "\n]\n";
    if (write_some(fd_, closing).bytes == closing.size()) {
      if (no_rows) --newlines_;
      return;
    }
    const std::size_t comma = kept.rfind(",\n");
    const std::size_t rest = comma == std::string_view::npos ? (kept.starts_with("[\n") ? 2 : 0) : comma;
    if (rest == kept.size() || kept.empty()) return;
    const auto back = static_cast<off_t>(kept.size() - rest);
    if (::ftruncate(fd_, end - back) != 0 || ::lseek(fd_, end - back, SEEK_SET) < 0) return;
    if (comma != std::string_view::npos) --newlines_;
    kept = kept.substr(0, rest);
  }
}

// Whether the path still leads to the file: programs such as logrotate move it away and expect another.
void FileSink::follow_path() noexcept {
  if (path_.empty() || !identity_ || error_ != 0 || finished()) return;
  const std::int64_t now = clock_ns(CLOCK_MONOTONIC);
  if (now - checked_ < check_ns) return;
  checked_ = now;
  struct stat status {};
  if (::stat(path_.c_str(), &status) == 0 && regular_file(status) == identity_) return;
  open_again();
}

bool FileSink::reopen() noexcept {
  if (path_.empty() || !identity_) return false;
  if (error_ != 0) return true;
  write();
  open_again();
  return true;
}

void FileSink::open_again() noexcept {
  Fd fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  const int error = errno;
  const std::optional<Identity> identity = fd ? identity_of(fd.get()) : std::nullopt;
  if (!identity) {
    // The file that is open takes the lines for now; the next look may find more.
    if (!lost_path_) {
      notify(fmt::format("warning: cannot open {} again: {}; its lines go to the file that was moved away",
                         name_, fd ? "it is no longer a file" : errno_text(error)));
    }
    lost_path_ = true;
    return;
  }
  lost_path_ = false;
  if (identity == identity_) return;  // it leads where it led
  close_array();
  write();
  if (error_ != 0) return;
  owned_ = std::move(fd);
  fd_ = owned_.get();
  identity_ = identity;
  newlines_ = 0;
  begin_generation(fmt::format("{} was moved away; continuing in a new file", name_));
}

bool FileSink::closed() const noexcept {
  return error_ == EPIPE || (error_ == EIO && terminal_);  // a terminal that has hung up
}

std::string FileSink::failure() const {
  if (error_ == 0 || closed()) return {};
  std::string text = fmt::format("cannot write to {}: {}", name_, errno_text(error_));
  if (whole_) {
    text += fmt::format("; {} whole {} before that {} kept", newlines_, newlines_ == 1 ? "line" : "lines",
                        newlines_ == 1 ? "is" : "are");
  }
  return text;
}

std::unique_ptr<Sink> open_sink(const std::string& target, OldLines old, ReaderPatience* patience) {
  if (target == "stdout") return std::make_unique<FileSink>("standard output", STDOUT_FILENO, patience);
  if (target == "stderr") return std::make_unique<FileSink>("standard error", STDERR_FILENO, patience);
  auto sink = std::make_unique<FileSink>(target, old, patience);
  // Whether it is a terminal is asked for before the run begins; to open a device changes nothing.
  struct stat status {};
  const bool is_device = ::stat(target.c_str(), &status) == 0 && S_ISCHR(status.st_mode);
  if (old == OldLines::dropped || is_device) sink->open();
  if (old == OldLines::dropped) sink->begin();
  return sink;
}

}  // namespace probe_run
