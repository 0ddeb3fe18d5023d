// Control groups. The program's section selects the hook.
#include "attach/cgroup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "attach/define_attach_type.h"
#include "attach/refusal.h"
#include "listing/search.h"
#include "support/cgroup_mount.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

constexpr const char* where_cgroups_are =
    "it is not in a cgroup2 file system: `findmnt -t cgroup2` lists those";

bool is_cgroup2(const fs::path& directory) {
  struct statfs system {};
  return ::statfs(directory.c_str(), &system) == 0 && system.f_type == CGROUP2_SUPER_MAGIC;
}

std::string near_cgroups(const fs::path& path) {
  if (!is_cgroup2(path.parent_path())) return where_cgroups_are;
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(path.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) names.push_back(entry->path().filename().string());
  }
  const std::string directory = escape_for_terminal(path.parent_path().string());
  const std::string hint =
      suggestion(path.filename().string(), views(names), fmt::format("cgroups in {}", directory));
  return hint.empty() ? fmt::format("{} contains no cgroups", directory) : hint;
}

}  // namespace

Fd open_cgroup(const bpf_program* program, const std::string& target, const std::string& name) {
  std::string path = name;
  if (!name.starts_with('/')) {
    const std::string mount = cgroup2_mount_point();
    if (mount.empty()) {
      refuse(program, target, "cgroup2 is not mounted", "mount it: mount -t cgroup2 cgroup2 /sys/fs/cgroup");
    }
    path = mount + "/" + name;
  }
  Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) return directory;
  const int error = errno;
  if (error == ENOENT || error == ENOTDIR) {
    refuse(program, target, fmt::format("cgroup {} is not found", escape_for_terminal(path)),
           near_cgroups(path));
  }
  refuse(program, target, fmt::format("cannot open {}: {}", escape_for_terminal(path), errno_text(error)),
         "run it as root");
}

namespace {

std::string describe_target(const CgroupAttach& point) {
  return fmt::format("cgroup:{}", escape_for_terminal(*point.path));
}

// nullopt if its path cannot be told.
std::optional<Attachment::File> directory_of(const Fd& cgroup) {
  std::error_code error;
  const std::filesystem::path path =
      std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", cgroup.get()), error);
  if (error) return std::nullopt;
  return Attachment::File{path.string(), state_of(path.string())};
}

Attachment attach_to(bpf_program* program, const CgroupAttach& point) {
  const std::string target = describe_target(point);
  const Fd directory = open_cgroup(program, target, *point.path);
  LinkHandle link(bpf_program__attach_cgroup(program, directory.get()));
  const int error = errno;
  if (link) {
    Attachment attachment(target, std::move(link));
    attachment.cgroup = directory_of(directory);
    return attachment;
  }
  std::string hint;
  if (error == EBADF) {
    hint = "this directory is not a cgroup of version 2: `findmnt -t cgroup2` lists the mount points";
  } else if (error == EINVAL) {
    hint =
        "links to cgroups need Linux 5.7; some program types need a newer version: see `bpftool feature probe`";
  }
  refuse(program, target, error, std::move(hint), true);
}

void list_cgroups(Search& search) {
  namespace fs = std::filesystem;
  const std::string top = cgroup2_mount_point();
  if (top.empty()) {
    search.note("cgroup2 is not mounted", "mount it: mount -t cgroup2 cgroup2 /sys/fs/cgroup");
    return;
  }
  const auto consider = [&](const std::string& path) {
    // A spec accepts absolute and relative paths, but relative ones only if cgroup2 is mounted.
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

void check_point(const CgroupAttach& point, Diagnostics& diagnostics) {
  if (!point.path->empty()) return;
  diagnostics.error(point.path.at, "the path of a cgroup is empty",
                    "use \".\" for the root of the cgroup2 mount, which includes every cgroup");
}

}  // namespace

template <>
struct AttachTypeOf<CgroupAttach> {
  static Section section() {
    return {"cgroup_skb/ingress",
            {BPF_PROG_TYPE_CGROUP_SKB, BPF_PROG_TYPE_CGROUP_SOCK, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
             BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_PROG_TYPE_CGROUP_DEVICE,
             BPF_PROG_TYPE_SOCK_OPS, BPF_PROG_TYPE_LSM}};
  }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("path": "system.slice")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_cgroups};
  static constexpr auto check = check_point;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const CgroupAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const CgroupAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<CgroupAttach>();

}  // namespace probe_run
