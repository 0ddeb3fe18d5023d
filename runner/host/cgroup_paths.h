// Paths of cgroups by their id.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "support/fd.h"

namespace probe_run {

class CgroupPaths {
 public:
  // Paths as seen below this directory; "" asks /proc/self/mountinfo.
  explicit CgroupPaths(std::string mount_point = {});

  // "/" for the root, "/a/b" below it; "" for an id that is unknown. What was seen once stays known after the
  // cgroup is removed, up to a bound. The id is that of the inode.
  std::string find(std::uint64_t id);

  // Learns all that are there now.
  void walk();

 private:
  // nullopt when the kernel does not let this process ask (CAP_DAC_READ_SEARCH); "" when it has no such id.
  std::optional<std::string> ask_kernel(std::uint64_t id) const;
  void learn(std::uint64_t id, std::string path);

  std::string mount_point_;
  Fd mount_;
  std::unordered_map<std::uint64_t, std::string> seen_;
  std::chrono::steady_clock::time_point walked_{};
};

}  // namespace probe_run
