// Where the hierarchy of cgroup v2 is mounted.
#pragma once

#include <string>
#include <string_view>

namespace probe_run {

// By the text of /proc/self/mountinfo; "" for nowhere.
std::string cgroup2_mount_point(std::string_view mountinfo);

// Of this process, now; "" where there is no /proc.
std::string cgroup2_mount_point();

}  // namespace probe_run
