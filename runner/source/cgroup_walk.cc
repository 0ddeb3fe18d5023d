#include "source/cgroup_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "object/libbpf.h"
#include "support/cgroup_mount.h"
#include "support/error.h"
#include "support/fd.h"

namespace probe_run {
namespace {

constexpr int depth_limit = 64;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

CgroupWalk::CgroupWalk(const OpenMap& map, std::vector<std::byte> ids)
    : map_(map), root_(cgroup2_mount_point()), ids_(std::move(ids)), value_(map.value_bytes) {
  if (root_.empty()) {
    throw Error("the cgroups cannot be listed: no cgroup file system of version 2 is mounted",
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

int CgroupWalk::look_up(int folder, EntryVisitor& out) noexcept {
  struct stat status {};
  if (::fstat(folder, &status) != 0) return errno;
  const std::uint64_t id = status.st_ino;  // a cgroup's id is its folder's
  if (!wanted(id)) return 0;
  const int found = bpf_map_lookup_elem(map_.fd, &folder, value_.data());
  if (found == -ENOENT) return 0;
  if (found != 0) return -found;
  const auto key = std::bit_cast<std::array<std::byte, sizeof id>>(id);
  out.entry(key.data(), value_.data());
  return 0;
}

// Takes the descriptor over.
int CgroupWalk::walk_below(int folder, int depth, EntryVisitor& out) noexcept {
  const std::unique_ptr<DIR, CloseFolder> entries(::fdopendir(folder));
  if (!entries) {
    const int error = errno;
    ::close(folder);
    return error;
  }
  if (const int error = look_up(folder, out); error != 0) return error;
  if (depth == depth_limit) {
    out.cut();
    return 0;
  }
  while (const dirent* const entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
    const int below = ::openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0) {
      if (errno == ENOENT || errno == ENODEV) continue;  // removed meanwhile
      return errno;
    }
    if (const int error = walk_below(below, depth + 1, out); error != 0) return error;
  }
  return 0;
}

}  // namespace probe_run
