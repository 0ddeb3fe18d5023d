#include "host/cgroup_paths.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <vector>

#include "support/cgroup_mount.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

constexpr int fileid_kernfs = 0xfe;  // <linux/exportfs.h>, which user space does not get
constexpr std::size_t most_paths = 65536;
constexpr auto walk_interval = std::chrono::seconds(1);

}  // namespace

CgroupPaths::CgroupPaths(std::string mount_point)
    : mount_point_(mount_point.empty() ? cgroup2_mount_point() : std::move(mount_point)) {
  if (mount_point_.empty()) return;
  // So that it is spelled as the kernel spells it in /proc/self/fd.
  std::error_code error;
  if (const fs::path real = fs::canonical(mount_point_, error); !error) mount_point_ = real.string();
  mount_ = Fd(::open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::string CgroupPaths::find(std::uint64_t id) {
  if (!mount_) return {};
  if (const auto seen = seen_.find(id); seen != seen_.end()) return seen->second;
  if (const std::optional<std::string> path = ask_kernel(id)) {
    if (!path->empty()) learn(id, *path);
    return *path;
  }
  if (std::chrono::steady_clock::now() - walked_ >= walk_interval) walk();
  const auto seen = seen_.find(id);
  return seen == seen_.end() ? std::string() : seen->second;
}

std::optional<std::string> CgroupPaths::ask_kernel(std::uint64_t id) const {
  // A cgroup's id is all that its file handle holds.
  alignas(file_handle) unsigned char bytes[sizeof(file_handle) + sizeof id] = {};
  const file_handle header{sizeof id, fileid_kernfs};
  std::memcpy(bytes, &header, sizeof header);
  std::memcpy(bytes + sizeof header, &id, sizeof id);
  const Fd fd(::open_by_handle_at(mount_.get(), reinterpret_cast<file_handle*>(bytes), O_PATH | O_CLOEXEC));
  if (!fd) {
    if (errno == ESTALE || errno == ENOENT) return std::string();
    return std::nullopt;
  }
  char target[PATH_MAX];
  const ssize_t size =
      ::readlink(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), target, sizeof target);
  if (size < 0 || size == static_cast<ssize_t>(sizeof target)) return std::nullopt;
  const std::string_view path(target, static_cast<std::size_t>(size));
  struct stat status {};
  // A removed one is "... (deleted)", which anyone may also choose as a name; a removed one has no links.
  if (::fstat(fd.get(), &status) != 0 || status.st_nlink == 0 || !S_ISDIR(status.st_mode))
    return std::string();
  if (path == mount_point_) return "/";
  if (!path.starts_with(mount_point_) || path[mount_point_.size()] != '/') return std::string();
  return std::string(path.substr(mount_point_.size()));
}

void CgroupPaths::learn(std::uint64_t id, std::string path) {
  if (seen_.size() >= most_paths) seen_.clear();
  seen_.insert_or_assign(id, std::move(path));
}

void CgroupPaths::walk() {
  if (!mount_) return;
  walked_ = std::chrono::steady_clock::now();
  const auto learn_directory = [this](const std::string& directory) {
    struct stat status {};
    if (::lstat(directory.c_str(), &status) != 0) return;  // removed in the meantime
    learn(status.st_ino, directory == mount_point_ ? "/" : directory.substr(mount_point_.size()));
  };
  learn_directory(mount_point_);
  std::error_code error;
  fs::recursive_directory_iterator entry(mount_point_, fs::directory_options::skip_permission_denied, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    std::error_code unknown;
    if (entry->is_directory(unknown) && !unknown) learn_directory(entry->path().string());
  }
}

}  // namespace probe_run
