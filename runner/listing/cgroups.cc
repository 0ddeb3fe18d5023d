// Control groups.
#include <filesystem>

#include "listing/families.h"
#include "support/cgroup_mount.h"

namespace probe_run {

void list_cgroups(Search& search) {
  namespace fs = std::filesystem;
  const std::string top = cgroup2_mount_point();
  if (top.empty()) {
    search.note("no cgroup2 is mounted here", "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
    return;
  }
  const auto consider = [&](const std::string& path) {
    // The spec takes both, but paths below the mount only where there is one.
    const std::string_view below = std::string_view(path).substr(std::min(path.size(), top.size() + 1));
    if (!search.wants(path) && (below.empty() || !search.wants(below))) return;
    Place& place = search.add(path);
    if (search.details()) place.attach = {{"path", path}};
  };
  consider(top);
  std::error_code error;
  fs::recursive_directory_iterator entry(top, fs::directory_options::skip_permission_denied, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (entry->is_directory(gone) && !entry->is_symlink(gone)) consider(entry->path().string());
  }
  if (error) search.note("not all control groups could be read: " + error.message());
}

}  // namespace probe_run
