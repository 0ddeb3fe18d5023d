// Where an output's bytes go.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "support/fd.h"
#include "support/screen.h"
#include "support/slow_reader.h"
#include "support/text_buffer.h"

namespace probe_run {

class Sink {
 public:
  virtual ~Sink() = default;

  // Formats append whole lines here.
  TextBuffer& buffer() { return buffer_; }

  // The rows of all outputs that share the sink are the elements of one JSON array: a row has no newline
  // then, and begin_row() comes before each.
  void make_array() noexcept { is_array_ = true; }
  bool is_array() const noexcept { return is_array_; }
  void begin_row() noexcept {
    if (!is_array_) return;
    buffer_.append(open_ ? ",\n" : "[\n");
    open_ = true;
  }

  // Opens a file of OldLines::until_begin, which is created if it does not exist, and is not changed otherwise. Throws
  // Error naming it.
  virtual void open() {}
  // What is in it is replaced from now on.
  virtual void begin() noexcept {}

  // Before each row: false if its reader is stuck (see support/slow_reader.h) and enough waits for it already. The row
  // is counted as not written then.
  bool takes_row() noexcept { return takes_rows(1); }
  // The same for rows that are shown together or not at all.
  bool takes_rows(std::size_t count) noexcept {
    if (buffer_.size() < (stuck_ ? most_waiting : most_in_a_turn)) return true;
    refuse(count);
    return false;
  }

  // After each line: writes when enough has gathered.
  void line_done() noexcept {
    if (buffer_.size() >= flush_at_) flush();
  }

  // Written after everything else: what shows a terminal's cursor again.
  void leave_with(std::string text) { farewell_ = std::move(text); }

  // Writes what has gathered.
  virtual void flush() noexcept = 0;

  // Ends what is open (the array, the farewell) and writes it all. Nothing may follow.
  void finish() noexcept;

  // A file at a path: opens it again, as after a rotation. True when it is one.
  virtual bool reopen() noexcept { return false; }
  // Grows each time the target becomes another file: headers must be written again.
  std::uint32_t generation() const noexcept { return generation_; }
  // A notice for the user, returned once; "" for none.
  std::string take_notice() { return std::exchange(notice_, {}); }

  // Its reader did not take everything at the last flush().
  bool is_behind() const noexcept { return behind_; }
  // It is slow, and nothing more should be taken from a stream before it has caught up.
  bool is_full() const noexcept { return behind_ && !stuck_ && buffer_.size() >= most_waiting; }
  // Nothing that is written there is missed: /dev/null.
  virtual bool discards() const noexcept { return false; }

  // The reader is gone (a closed pipe, a terminal that hung up): what is written there is dropped.
  virtual bool closed() const noexcept = 0;
  // Somebody saw that the reader is gone before anything was written: closed() from now on.
  virtual void close_unread() noexcept {}
  // What went wrong with the target, such as a full disk; "" for nothing.
  virtual std::string failure() const = 0;
  // Rows and lines that the target did not take: a full disk, a reader that took nothing. Those that nobody reads are
  // not counted.
  virtual std::uint64_t not_written() const noexcept { return 0; }
  virtual bool is_terminal() const noexcept = 0;
  // Of a terminal that can be drawn upon, at its present size.
  virtual std::optional<Screen> screen() const { return std::nullopt; }

 protected:
  void close_array() noexcept;  // where one is open
  bool array_is_open() const noexcept { return open_; }
  void begin_generation(std::string notice) {
    ++generation_;
    open_ = false;
    notice_ = std::move(notice);
  }
  void notify(std::string notice) { notice_ = std::move(notice); }
  bool finished() const noexcept { return finished_; }
  // After each flush() that left something in the buffer for a reader, and the first that did not.
  void set_behind(const SlowReader& reader) noexcept;
  // Counts rows of which takes_rows() was false.
  virtual void refuse(std::size_t) noexcept {}
  // finish() could not write what is in the buffer.
  virtual void give_up() noexcept {}

 private:
  static constexpr std::size_t flush_size = std::size_t{64} * 1024;
  static constexpr std::size_t most_waiting = SlowReader::most_waiting;
  // Whoever looks at is_full() takes less than this before looking again.
  static constexpr std::size_t most_in_a_turn = 8 * most_waiting;
  TextBuffer buffer_;
  bool is_array_ = false;
  bool open_ = false;  // the array has begun
  bool finished_ = false;
  std::string farewell_;
  bool behind_ = false;
  bool stuck_ = false;
  std::size_t flush_at_ = flush_size;
  std::uint32_t generation_ = 0;
  std::string notice_;
};

// Appends text, such as an answer to --describe. Whether it could be written is known after the next flush().
template <typename... T>
void print(Sink& out, fmt::format_string<T...> format, T&&... values) {
  out.buffer().append(fmt::format(format, std::forward<T>(values)...));
}

// What happens to the lines that a file already has. A run that fails to start must not lose those of the
// last run: with until_begin they stay until begin() is called, and the file is not even opened before open().
enum class OldLines { dropped, until_begin };

// "stdout", "stderr", or a file, which is created or emptied. Throws Error naming it. A reader is waited for with
// `patience`, which must outlive the sink, or for ever.
std::unique_ptr<Sink> open_sink(const std::string& target, OldLines old = OldLines::dropped,
                                ReaderPatience* patience = nullptr);

// Discards everything: for a check.
std::unique_ptr<Sink> null_sink();

// Appends to `text`, which must outlive the sink.
std::unique_ptr<Sink> memory_sink(std::string& text);

}  // namespace probe_run
