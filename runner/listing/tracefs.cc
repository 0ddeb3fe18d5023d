#include "listing/tracefs.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "support/error.h"
#include "support/rights.h"

namespace probe_run {
namespace {

constexpr const char* own_path = "/sys/kernel/tracing";
constexpr const char* debugfs_path = "/sys/kernel/debug/tracing";

bool is_tracefs(const char* path) {
  struct statfs status {};
  return ::statfs(path, &status) == 0 && static_cast<unsigned long>(status.f_type) == TRACEFS_MAGIC;
}

// 0 or an errno.
int mount_private_tracefs() {
  const InForce raised = raise_rights({Capability::sys_admin});
  if (::unshare(CLONE_NEWNS) != 0) return errno;
  // Slave, not private: later mounts of the host are still propagated to here, but not in the other direction.
  // For sysfs alone if it is a mount point; "/" is not one inside a chroot.
  if (::mount(nullptr, "/sys", nullptr, MS_SLAVE | MS_REC, nullptr) != 0 &&
      ::mount(nullptr, "/", nullptr, MS_SLAVE | MS_REC, nullptr) != 0) {
    return errno;
  }
  if (::mount("tracefs", own_path, "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) return errno;
  return 0;
}

std::vector<std::string> directories(const std::string& path) {
  std::vector<std::string> names;
  const InForce raised = raise_rights(kernel_file_rights);
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_directory(error)) names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Tracefs find_tracefs() {
  if (is_tracefs(own_path)) return {own_path, {}, {}};
  if (is_tracefs(debugfs_path)) return {debugfs_path, {}, {}};
  const int error = mount_private_tracefs();
  if (error == 0) return {own_path, {}, {}};
  if (error == ENODEV || error == ENOENT) {
    return {{},
            fmt::format("tracefs is not mounted and cannot be mounted: {}", errno_text(error)),
            "mount sysfs at /sys; if it is mounted, boot a kernel with CONFIG_TRACING"};
  }
  return {{},
          fmt::format("tracefs is not mounted, and this process may not mount it: {}", errno_text(error)),
          "run as root: mount -t tracefs tracefs /sys/kernel/tracing"};
}

std::string tracefs_path() {
  Tracefs found = find_tracefs();
  if (found.path.empty())
    throw Error(fmt::format("cannot look up tracepoints: {}", found.why), std::move(found.hint));
  return std::move(found.path);
}

std::vector<std::string> tracepoint_categories(const std::string& tracefs) {
  return directories(tracefs + "/events");
}

std::vector<std::string> tracepoints_of(const std::string& tracefs, const std::string& category) {
  return directories(fmt::format("{}/events/{}", tracefs, category));
}

std::vector<std::string> categories_with(const std::string& tracefs, std::string_view name) {
  std::vector<std::string> categories = tracepoint_categories(tracefs);
  const InForce raised = raise_rights(kernel_file_rights);
  std::erase_if(categories, [&](const std::string& category) {
    std::error_code error;
    return !std::filesystem::is_directory(fmt::format("{}/events/{}/{}", tracefs, category, name), error);
  });
  return categories;
}

bool is_tracefs_path(std::string_view name) {
  return name.empty() || name.find('/') != std::string_view::npos || name.starts_with('.');
}

}  // namespace probe_run
