#include "support/cgroup_mount.h"

#include <algorithm>

#include "support/error.h"
#include "support/fd.h"

namespace probe_run {
namespace {

constexpr std::size_t mountinfo_limit = 64u << 20;

// mountinfo writes blanks, newlines and backslashes as \040 and so on.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) { return static_cast<unsigned>(text[at] - '0'); };
    if (text[i] == '\\' && i + 3 < text.size() && digit(i + 1) < 4 && digit(i + 2) < 8 && digit(i + 3) < 8) {
      plain += static_cast<char>(digit(i + 1) * 64 + digit(i + 2) * 8 + digit(i + 3));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

}  // namespace

std::string cgroup2_mount_point(std::string_view mountinfo) {
  std::string part;  // a mount that shows only a part of the hierarchy, if there is no other
  while (!mountinfo.empty()) {
    std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(mountinfo.size(), line.size() + 1));
    // 35 25 0:30 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw
    const std::size_t type = line.find(" - ");
    if (type == std::string_view::npos || !line.substr(type).starts_with(" - cgroup2 ")) continue;
    for (int skipped = 0; skipped < 3; ++skipped) take_word(line);
    const std::string_view root = take_word(line);
    const std::string_view point = take_word(line);
    if (root == "/") return unescape(point);
    if (part.empty()) part = unescape(point);
  }
  return part;
}

std::string cgroup2_mount_point() {
  try {
    return cgroup2_mount_point(read_file("/proc/self/mountinfo", mountinfo_limit));
  } catch (const Error&) {
    return {};
  }
}

}  // namespace probe_run
