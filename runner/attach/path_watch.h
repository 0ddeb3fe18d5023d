// Watches what paths lead to: files that are replaced or deleted, directories that are removed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "support/fd.h"

namespace probe_run {

// What a path leads to.
struct FileState {
  bool exists = false;
  dev_t device = 0;
  ino_t inode = 0;
  std::int64_t size = 0, modified = 0;  // nanoseconds

  bool is_same_file(const FileState& other) const {
    return exists == other.exists && device == other.device && inode == other.inode;
  }
  bool operator==(const FileState&) const = default;
};

// Follows symbolic links.
FileState state_of(const std::string& path);

// Watches each directory in which a part of the path is named, also where a symbolic link leads. A file whose path goes
// through /proc/PID/root is watched below that directory only.
class PathWatch {
 public:
  // 0 or an errno.
  int open();
  int fd() const { return inotify_.get(); }

  // 0 or an errno. To be called again when something changed: other directories may be in the path.
  int add(const std::string& path);

  // Whether something changed since the last call that can be in the way of a path. A file that is still being written
  // does not count before it is closed.
  bool take() noexcept;

 private:
  struct Directory {
    std::string path;
    std::set<std::string, std::less<>> names;
  };
  int add_name(const std::string& directory, const std::string& name);

  Fd inotify_;
  std::map<int, Directory> directories_;  // by watch descriptor
};

}  // namespace probe_run
