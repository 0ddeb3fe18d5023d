#include "support/landlock.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <set>

namespace probe_run {
namespace {

// <linux/landlock.h>, which is older than the kernel on some distributions. All architectures have these numbers.
constexpr long create_ruleset = 444, add_rule = 445, restrict_self = 446;
constexpr std::uint32_t ask_for_version = 1;
constexpr int path_beneath = 1;

enum Access : std::uint64_t {
  execute = 1u << 0,
  write_file = 1u << 1,
  remove_directory = 1u << 4,
  remove_file = 1u << 5,
  make_character_device = 1u << 6,
  make_directory = 1u << 7,
  make_file = 1u << 8,
  make_socket = 1u << 9,
  make_fifo = 1u << 10,
  make_block_device = 1u << 11,
  make_symbolic_link = 1u << 12,
  move_elsewhere = 1u << 13,  // version 2
  truncate = 1u << 14,        // version 3
};
constexpr std::uint64_t scope_signal = 1u << 1;  // version 6: none to processes that are not fenced

struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scoped;
};
struct __attribute__((packed)) PathRule {
  std::uint64_t access;
  std::int32_t directory;
};

constexpr std::uint64_t in_directory_of_output = write_file | make_file | remove_file | truncate;

std::uint64_t forbidden_of(long version) noexcept {
  std::uint64_t all = execute | write_file | remove_directory | remove_file | make_character_device |
                      make_directory | make_file | make_socket | make_fifo | make_block_device |
                      make_symbolic_link;
  if (version >= 2) all |= move_elsewhere;
  if (version >= 3) all |= truncate;
  return all;
}

// A link may be replaced, and what it leads to may be written. A rule is about the directory that has the name now, not
// about one that takes its place.
std::set<std::string> directories_of(const std::vector<std::string>& files) {
  std::set<std::string> directories;
  for (const std::string& file : files) {
    std::error_code ignored;
    const std::filesystem::path path = std::filesystem::absolute(file, ignored);
    directories.insert(path.parent_path().string());
    directories.insert(std::filesystem::weakly_canonical(path, ignored).parent_path().string());
  }
  return directories;
}

}  // namespace

FileFence::FileFence(const std::vector<std::string>& written) {
  const long version = ::syscall(create_ruleset, nullptr, 0, ask_for_version);
  if (version <= 0) {
    error_ = version < 0 ? errno : ENOSYS;
    return;
  }
  const std::uint64_t forbidden = forbidden_of(version);
  const RulesetAttributes attributes{forbidden, 0, version >= 6 ? scope_signal : 0};
  rules_ = Fd(static_cast<int>(::syscall(create_ruleset, &attributes, sizeof attributes, 0)));
  if (!rules_) error_ = errno;
  if (error_ == 0) error_ = allow("/dev/null", forbidden & (write_file | truncate));
  for (const std::string& directory : directories_of(written)) {
    if (error_ == 0) error_ = allow(directory, forbidden & in_directory_of_output);
  }
}

// A directory that does not exist needs no rule.
int FileFence::allow(const std::string& path, unsigned long long access) noexcept {
  const Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
  const PathRule rule{access, place.get()};
  return ::syscall(add_rule, rules_.get(), path_beneath, &rule, 0) == 0 ? 0 : errno;
}

int FileFence::enter() noexcept {
  if (error_ == 0 && ::syscall(restrict_self, rules_.get(), 0) != 0) error_ = errno;
  rules_.reset();
  return error_;
}

}  // namespace probe_run
