// The processors that are online.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace probe_run {

// Of a list as the kernel writes it: "0-3,6".
std::vector<int> parse_processors(std::string_view list);

// The kernel's own list, and the same as numbers; empty where there is no sysfs.
std::string online_processors_text();
std::vector<int> online_processors();

}  // namespace probe_run
