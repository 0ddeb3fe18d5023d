#include "support/file_id.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "support/integer.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;  // as the kernel follows

std::optional<FileId> id_of(const struct stat& status) {
  if (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode)) return FileId{status.st_dev, status.st_ino, {}};
  if (S_ISBLK(status.st_mode)) return FileId{status.st_rdev, 0, {}};
  return std::nullopt;
}

// What the symbolic link at `path` contains, as a path from here; nullopt for anything else.
std::optional<fs::path> link_target(const fs::path& path) {
  std::error_code error;
  const fs::path target = fs::read_symlink(path, error);
  if (error) return std::nullopt;
  return path.parent_path() / target;
}

}  // namespace

std::optional<FileId> file_id(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? id_of(status) : std::nullopt;
}

std::optional<FileId> file_id(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return id_of(status);
  if (errno != ENOENT) return std::nullopt;
  fs::path file = path;
  for (int links = 0; links < most_links; ++links) {
    const std::optional<fs::path> target = link_target(file);
    if (!target) break;
    file = *target;
  }
  const fs::path directory = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!file.has_filename() || ::stat(directory.c_str(), &status) != 0) return std::nullopt;
  return FileId{status.st_dev, status.st_ino, file.filename().string()};
}

std::optional<int> descriptor_at(const std::string& path) {
  const std::string descriptors = fmt::format("/proc/{}/fd", ::getpid());
  fs::path file = path;
  for (int links = 0; links < most_links; ++links) {
    std::error_code error;
    if (fs::canonical(file.parent_path(), error) == descriptors) {
      const auto number = parse_number(file.filename().string());
      if (!number || *number > INT32_MAX) return std::nullopt;
      return static_cast<int>(*number);
    }
    const std::optional<fs::path> target = link_target(file);
    if (!target) return std::nullopt;
    file = *target;
  }
  return std::nullopt;
}

}  // namespace probe_run
