// Which file a path or a descriptor leads to, however it is spelled.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace probe_run {

// Of a regular file, a pipe or a block device. A file that does not exist yet is a name in its directory.
struct FileId {
  dev_t device;
  ino_t inode;
  std::string name;  // "" for a file that exists

  bool operator==(const FileId&) const = default;
};

// nullopt for anything that many may write to without harm (a terminal, /dev/null, a socket), and where there is no
// such directory.
std::optional<FileId> file_id(int fd);
// Symbolic links are followed, also to a file that does not exist yet.
std::optional<FileId> file_id(const std::string& path);

// The descriptor of this process that a path such as /dev/stdout or /proc/self/fd/1 leads to.
std::optional<int> descriptor_at(const std::string& path);

}  // namespace probe_run
