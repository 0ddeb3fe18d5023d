// The kernel's helper functions by the numbers that programs call them by, and the kernel that brought each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace probe_run {

struct Helper {
  std::uint32_t id;
  std::string_view name;
  std::string_view linux_version;
};

// Those that came after Linux 5.7. There will be no more: what is newer is a kfunc, which has a name.
std::span<const Helper> newer_helpers();

// nullptr for those that every kernel has which this program runs on, and for numbers that stand for nothing.
const Helper* find_newer_helper(std::uint32_t id);

}  // namespace probe_run
