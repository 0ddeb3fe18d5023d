#include "attach/path_watch.h"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

namespace probe_run {
namespace {

constexpr std::uint32_t changes =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR;
constexpr std::uint32_t anything_may_have_changed = IN_Q_OVERFLOW | IN_IGNORED | IN_UNMOUNT;
constexpr int most_links = 40;  // as the kernel follows

// "/proc/4711/root" of a path that begins with it: the link leads to another root, which its text does not name.
std::string other_root(const std::string& path) {
  constexpr std::string_view proc = "/proc/", root = "/root/";
  if (!path.starts_with(proc)) return {};
  const std::size_t end = path.find('/', proc.size());
  if (end == std::string::npos || path.compare(end, root.size(), root) != 0) return {};
  return path.substr(0, end + root.size() - 1);
}

// Last part first.
std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    const std::string_view part = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  }
  return parts;
}

}  // namespace

FileState state_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {true, status.st_dev, status.st_ino, status.st_size,
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

int PathWatch::open() {
  if (!inotify_) inotify_ = Fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  return inotify_ ? 0 : errno;
}

int PathWatch::add_name(const std::string& directory, const std::string& name) {
  const int watch = ::inotify_add_watch(inotify_.get(), directory.c_str(), changes);
  if (watch < 0) return errno;
  Directory& known = directories_[watch];
  known.path = directory;
  known.names.insert(name);
  return 0;
}

int PathWatch::add(const std::string& path) {
  const std::string root = other_root(path);
  std::string directory = root;
  std::vector<std::string> rest = parts_of(std::string_view(path).substr(root.size()));
  int links = 0;
  while (!rest.empty()) {
    const std::string part = std::move(rest.back());
    rest.pop_back();
    const std::string shown = directory.empty() ? "/" : directory;
    if (part == "..") {
      if (directory.size() > root.size()) directory.resize(directory.rfind('/'));
      continue;
    }
    // What cannot be watched (a directory that may be searched and not read) is not in the way of the others.
    const int error = add_name(shown, part);
    if (error != 0 && error != EACCES && error != ENOENT) return error;
    const std::string next = fmt::format("{}/{}", directory, part);
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlink(next.c_str(), target.data(), target.size());
    if (length <= 0) {
      directory = next;
      continue;
    }
    if (++links > most_links) return ELOOP;
    const std::string_view text(target.data(), static_cast<std::size_t>(length));
    if (text.front() == '/') directory = root;
    const std::vector<std::string> more = parts_of(text);
    rest.insert(rest.end(), more.begin(), more.end());
  }
  return 0;
}

bool PathWatch::take() noexcept {
  bool any = false;
  alignas(inotify_event) std::array<char, 8192> buffer{};
  while (true) {
    const ssize_t got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return any;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = buffer.data() + at + sizeof event;
      at += sizeof event + event.len;
      if ((event.mask & anything_may_have_changed) != 0) any = true;
      const auto directory = directories_.find(event.wd);
      if (directory == directories_.end()) continue;
      const bool matters = event.len > 0 && directory->second.names.contains(std::string_view(name));
      if (!matters) continue;
      if ((event.mask & IN_CREATE) != 0 && (event.mask & IN_ISDIR) == 0) {
        // A new file is announced again when it is closed; a link is complete.
        struct stat status {};
        const std::string path = directory->second.path + '/' + name;
        if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1) continue;
      }
      any = true;
    }
  }
}

}  // namespace probe_run
