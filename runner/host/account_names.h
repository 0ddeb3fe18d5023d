// Names of users, groups and network interfaces. Each is empty when there is none.
#pragma once

#include <cstdint>
#include <string>

namespace probe_run {

// From the machine's user database, which may be a slow one (LDAP): the caller keeps the answers.
std::string user_name(std::uint32_t uid);
std::string group_name(std::uint32_t gid);

// Of this process's network namespace.
std::string interface_name(std::uint32_t index);

}  // namespace probe_run
