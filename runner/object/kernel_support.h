// Types of maps and programs that this kernel is too old for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "object/libbpf.h"

namespace probe_run {

// The kernel's helper functions by the numbers that programs call them by, and the kernel that brought each.
struct Helper {
  std::uint32_t id;
  std::string_view name;
  std::string_view linux_version;
};

// Those that came after Linux 5.7. There will be no more: what is newer is a kfunc, which has a name.
std::span<const Helper> newer_helpers();

// nullptr for those that every kernel has which this program runs on, and for numbers that stand for nothing.
const Helper* find_newer_helper(std::uint32_t id);

// Of an object that failed to load: which of its maps are of a type that this kernel does not have, and which
// Linux version has it; a line for each, as a hint. "" when that is not what is wrong.
std::string unsupported_maps(const bpf_object* object);

// The same of the programs that were to be loaded.
std::string unsupported_programs(const bpf_object* object);

}  // namespace probe_run
