#include "object/pins.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <system_error>

#include "object/libbpf.h"
#include "object/load_error.h"
#include "spec/map_spec.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

bool is_bpffs(const fs::path& folder) {
  struct statfs info {};
  return ::statfs(folder.c_str(), &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

// The nearest folder above a path that is there.
fs::path existing_folder(const fs::path& path) {
  fs::path folder = path.parent_path();
  std::error_code error;
  while (!folder.empty() && folder != folder.root_path() && !fs::exists(folder, error))
    folder = folder.parent_path();
  return folder;
}

}  // namespace

PinnedKind kind_of(int fd) {
  std::array<char, 64> target{};
  const std::string link = fmt::format("/proc/self/fd/{}", fd);
  if (::readlink(link.c_str(), target.data(), target.size() - 1) < 0) return PinnedKind::other;
  const std::string_view name = target.data();
  if (name.ends_with("bpf-map")) return PinnedKind::map;
  if (name.ends_with("bpf-prog")) return PinnedKind::program;
  return name.ends_with("bpf_link") || name.ends_with("bpf-link") ? PinnedKind::link : PinnedKind::other;
}

std::string_view words_for(PinnedKind kind) {
  switch (kind) {
    case PinnedKind::none:
      return "nothing";
    case PinnedKind::map:
      return "a map";
    case PinnedKind::program:
      return "a program";
    case PinnedKind::link:
      return "a link";
    case PinnedKind::other:
      break;
  }
  return "something else";
}

Pinned look_up_pin(const std::string& subject, const std::string& path) {
  const std::string shown = escape_for_terminal(path);
  const fs::path folder = existing_folder(path);
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw Error(fmt::format("{} cannot be pinned at {}: {} is not a directory", subject, shown,
                            escape_for_terminal(folder.string())),
                "choose another path");
  }
  if (!is_bpffs(folder)) {
    throw Error(fmt::format("{} cannot be pinned at {}: {} is not on a bpffs", subject, shown,
                            escape_for_terminal(folder.string())),
                "mount a file system for pins: mount -t bpf bpf /sys/fs/bpf");
  }
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    throw Error(fmt::format("{} cannot be pinned at {}: {}", subject, shown, errno_text(errno)));
  }
  if (S_ISDIR(status.st_mode)) {
    throw Error(fmt::format("{} cannot be pinned at {}: it is a directory", subject, shown),
                fmt::format("name a file in it: \"{}/NAME\"", shown));
  }
  Fd fd(bpf_obj_get(path.c_str()));
  if (!fd) {
    const int number = errno;
    throw Error(fmt::format("what is pinned at {} cannot be opened: {}", shown, errno_text(number)),
                number == EPERM || number == EACCES
                    ? missing_capabilities({Capability::bpf, Capability::perfmon})
                    : std::string());
  }
  const PinnedKind kind = kind_of(fd.get());
  return {kind, std::move(fd)};
}

Pins::~Pins() {
  undo();
}

void Pins::undo() noexcept {
  for (const std::string& path : paths_) ::unlink(path.c_str());
  // The last made first: it is in the others. Somebody may have put something in it meanwhile.
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) ::rmdir(folder->c_str());
  keep();
}

void Pins::keep() noexcept {
  paths_.clear();
  folders_.clear();
}

void Pins::pin(const std::string& subject, int fd, const std::string& path) {
  const std::string shown = escape_for_terminal(path);
  const fs::path existing = existing_folder(path);
  fs::path folder = existing;
  for (const fs::path& part : fs::path(path).parent_path().lexically_relative(existing)) {
    if (part == ".") continue;
    folder /= part;
    if (::mkdir(folder.c_str(), S_IRWXU) != 0) {
      throw Error(fmt::format("cannot create the directory {} for {}: {}",
                              escape_for_terminal(folder.string()), subject, errno_text(errno)));
    }
    folders_.push_back(folder.string());
  }
  if (bpf_obj_pin(fd, path.c_str()) != 0) {
    const int error = errno;
    throw Error(fmt::format("{} cannot be pinned at {}: {}", subject, shown, errno_text(error)),
                error == EEXIST ? "another process has pinned something there in the meantime"
                : error == EPERM || error == EACCES
                    ? missing_capabilities({Capability::bpf, Capability::perfmon})
                    : std::string());
  }
  paths_.push_back(path);
}

void check_pin_paths(const Spec& spec, Diagnostics& diagnostics) {
  std::map<std::string, Span> known;
  const auto check = [&](const std::optional<Located<std::string>>& pin, bool reuse,
                         const Located<std::string>& name) {
    if (!pin) {
      if (reuse) {
        diagnostics.error(name.at,
                          fmt::format("\"reuse_pin\" of \"{}\" needs a \"pin\"", escape_for_terminal(*name)),
                          "such as \"pin\": \"/sys/fs/bpf/NAME\"");
      }
      return;
    }
    const fs::path path = **pin;
    if (!path.is_absolute() || !path.has_filename() || path != path.lexically_normal()) {
      diagnostics.error(pin->at,
                        fmt::format("\"pin\" needs the absolute path of a file on a bpffs, not \"{}\"",
                                    escape_for_terminal(**pin)),
                        "such as \"/sys/fs/bpf/NAME\"");
    } else if (path.filename().string().find('.') != std::string::npos) {
      diagnostics.error(pin->at,
                        fmt::format("a bpffs takes no name with a dot, such as \"{}\"",
                                    escape_for_terminal(path.filename().string())),
                        "choose another name");
    } else if (const auto [first, is_new] = known.try_emplace(path.string(), pin->at); !is_new) {
      diagnostics.error(
          pin->at, fmt::format("two objects cannot both be pinned at {}", escape_for_terminal(**pin)),
          fmt::format("the first is in line {}", diagnostics.source().excerpt(first->second).line));
    }
  };
  for (const ProgramSpec* program : every_program(spec))
    check(program->pin, program->reuse_pin, program->name);
  for (const MapSpec& map : spec.maps) check(map.pin, map.reuse_pin, map.name);
}

}  // namespace probe_run
