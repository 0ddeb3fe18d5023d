#include "source/task_storage_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "object/libbpf.h"
#include "support/fd.h"

namespace probe_run {
namespace {

constexpr unsigned pidfd_thread = O_EXCL;  // PIDFD_THREAD of Linux 6.9

Fd open_task(std::uint32_t id, unsigned flags) noexcept {
  return Fd(static_cast<int>(::syscall(SYS_pidfd_open, id, flags)));
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

// Calls `visit` with each entry of the folder that is a number, until it returns an errno. A folder that is
// gone has none.
template <class Visit>
int each_number(const char* path, Visit visit) noexcept {
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path));
  if (!folder) return errno == ENOENT || errno == ESRCH ? 0 : errno;
  while (const dirent* const entry = ::readdir(folder.get())) {
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
    // It ended, or its id is no process's.
    const bool gone = errno == ESRCH || errno == EINVAL || errno == ENOENT;
    return gone ? 0 : errno;
  }
  const int descriptor = task.get();
  const int found = bpf_map_lookup_elem(map_.fd, &descriptor, value_.data());
  if (found == -ENOENT || found == -ESRCH) return 0;
  if (found != 0) return -found;
  const auto key = std::bit_cast<std::array<std::byte, sizeof id>>(id);
  out.entry(key.data(), value_.data());
  return 0;
}

}  // namespace probe_run
