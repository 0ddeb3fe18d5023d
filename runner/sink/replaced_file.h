// A file that always holds one whole document: each write replaces all of it at once, so that a reader such
// as the textfile collector of node_exporter never sees half of one.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace probe_run {

class ReplacedFile {
 public:
  // Checks that the directory is writable; the file itself is not touched. A link is followed. Throws
  // Error naming the file.
  explicit ReplacedFile(const std::string& path);
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;

  // Readable for everybody (0644). The document is not forced onto the disk: it is soon replaced by the next. After a
  // failure, as of a disk that is full for a moment, the file holds the document before, and the next is written again.
  void write(std::string_view document) noexcept;
  // Nothing more is written.
  void finish() noexcept { finished_ = true; }
  // A notice for the user, returned once; "" for none.
  std::string take_notice() { return std::exchange(notice_, {}); }
  // What went wrong with the last document; "" for nothing.
  std::string failure() const;

  // Whether `path` is something other than a file (a device, a pipe), and so cannot be replaced.
  static bool cannot_replace(const std::string& path);

 private:
  int try_write(std::string_view document) const noexcept;  // 0 or an errno

  std::string shown_;
  std::string path_;
  std::string temporary_;  // in the same directory
  int error_ = 0;          // of the last document
  bool finished_ = false;
  std::string notice_;
};

}  // namespace probe_run
