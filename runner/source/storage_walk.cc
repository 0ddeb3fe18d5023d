#include "source/storage_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "object/libbpf.h"
#include "support/cgroup_mount.h"
#include "support/error.h"
#include "support/fd.h"

namespace probe_run {
namespace {

constexpr unsigned pidfd_thread = O_EXCL;  // PIDFD_THREAD of Linux 6.9

Fd open_task(std::uint32_t id, unsigned flags) noexcept {
  return Fd(static_cast<int>(::syscall(SYS_pidfd_open, id, flags)));
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Calls `visit` with each entry of the directory that is a number, until it returns an errno. A directory
// that does not exist has none.
template <class Visit>
int each_number(const char* path, Visit visit) noexcept {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path));
  if (!directory) return errno == ENOENT || errno == ESRCH ? 0 : errno;
  while (const dirent* const entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    std::uint32_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    if (const int failed = visit(id); failed != 0) return failed;
  }
  return 0;
}

}  // namespace

TaskStorageWalk::TaskStorageWalk(const OpenMap& map, std::vector<std::byte> ids)
    : map_(map),
      ids_(std::move(ids)),
      value_(map.value_bytes),
      threads_(static_cast<bool>(open_task(static_cast<std::uint32_t>(::getpid()), pidfd_thread))) {}

int TaskStorageWalk::walk(EntryVisitor& out) noexcept {
  if (ids_.empty()) {
    return each_number("/proc", [&](std::uint32_t id) { return walk_process(id, out); });
  }
  for (std::size_t at = 0; at < ids_.size(); at += sizeof(std::uint32_t)) {
    std::uint32_t id = 0;
    std::memcpy(&id, ids_.data() + at, sizeof id);
    if (const int error = look_up(id, threads_, out); error != 0) return error;
  }
  return 0;
}

int TaskStorageWalk::walk_process(std::uint32_t id, EntryVisitor& out) noexcept {
  if (!threads_) return look_up(id, false, out);
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%u/task", id);
  return each_number(path, [&](std::uint32_t thread) { return look_up(thread, true, out); });
}

int TaskStorageWalk::look_up(std::uint32_t id, bool thread, EntryVisitor& out) noexcept {
  const Fd task = open_task(id, thread ? pidfd_thread : 0);
  if (!task) {
    // It exited, or its id is not that of a process.
    const bool gone = errno == ESRCH || errno == EINVAL || errno == ENOENT;
    if (gone) out.passed();
    return gone ? 0 : errno;
  }
  const int descriptor = task.get();
  const int found = bpf_map_lookup_elem(map_.fd, &descriptor, value_.data());
  out.passed();
  if (found == -ENOENT || found == -ESRCH) return 0;
  if (found != 0) return -found;
  const auto key = std::bit_cast<std::array<std::byte, sizeof id>>(id);
  out.entry(key.data(), value_.data());
  return 0;
}

namespace {

constexpr int depth_limit = 64;

}  // namespace

CgroupWalk::CgroupWalk(const OpenMap& map, std::vector<std::byte> ids)
    : map_(map), root_(cgroup2_mount_point()), ids_(std::move(ids)), value_(map.value_bytes) {
  if (root_.empty()) {
    throw Error("cannot list cgroups: no cgroup2 file system is mounted",
                "mount -t cgroup2 none /sys/fs/cgroup");
  }
}

int CgroupWalk::walk(EntryVisitor& out) noexcept {
  const int root = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return errno;
  return walk_below(root, 0, out);
}

bool CgroupWalk::wanted(std::uint64_t id) const noexcept {
  if (ids_.empty()) return true;
  for (std::size_t at = 0; at < ids_.size(); at += sizeof id) {
    if (std::memcmp(ids_.data() + at, &id, sizeof id) == 0) return true;
  }
  return false;
}

int CgroupWalk::look_up(int directory, EntryVisitor& out) noexcept {
  struct stat status {};
  if (::fstat(directory, &status) != 0) return errno;
  const std::uint64_t id = status.st_ino;  // the id of a cgroup is that of its directory
  out.passed();
  if (!wanted(id)) return 0;
  const int found = bpf_map_lookup_elem(map_.fd, &directory, value_.data());
  if (found == -ENOENT) return 0;
  if (found != 0) return -found;
  const auto key = std::bit_cast<std::array<std::byte, sizeof id>>(id);
  out.entry(key.data(), value_.data());
  return 0;
}

// Takes the descriptor over.
int CgroupWalk::walk_below(int directory, int depth, EntryVisitor& out) noexcept {
  const std::unique_ptr<DIR, CloseDirectory> entries(::fdopendir(directory));
  if (!entries) {
    const int error = errno;
    ::close(directory);
    return error;
  }
  if (const int error = look_up(directory, out); error != 0) return error;
  if (depth == depth_limit) {
    out.cut();
    return 0;
  }
  while (const dirent* const entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
    const int below = ::openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0) {
      if (errno == ENOENT || errno == ENODEV) continue;  // removed meanwhile
      return errno;
    }
    if (const int error = walk_below(below, depth + 1, out); error != 0) return error;
  }
  return 0;
}

}  // namespace probe_run
