#include "host/account_names.h"

#include <grp.h>
#include <net/if.h>
#include <pwd.h>
#include <sys/types.h>

#include <cerrno>
#include <vector>

namespace probe_run {
namespace {

constexpr std::size_t first_size = 1024;
constexpr std::size_t size_limit = 1u << 20;  // a group of very many members

// getpwuid_r() and getgrgid_r() have one shape; `field` is the name in the entry.
template <class Entry, class Id>
std::string look_up(Id id, int (*get)(Id, Entry*, char*, std::size_t, Entry**), char* Entry::*field) {
  for (std::size_t size = first_size; size <= size_limit; size *= 4) {
    std::vector<char> buffer(size);
    Entry entry{};
    Entry* found = nullptr;
    const int error = get(id, &entry, buffer.data(), buffer.size(), &found);
    if (error == ERANGE) continue;
    return error == 0 && found != nullptr && found->*field != nullptr ? found->*field : std::string();
  }
  return {};
}

}  // namespace

std::string user_name(std::uint32_t uid) {
  return look_up<passwd, uid_t>(uid, ::getpwuid_r, &passwd::pw_name);
}

std::string group_name(std::uint32_t gid) {
  return look_up<group, gid_t>(gid, ::getgrgid_r, &group::gr_name);
}

std::string interface_name(std::uint32_t index) {
  char name[IF_NAMESIZE] = {};
  return ::if_indextoname(index, name) != nullptr ? name : std::string();
}

}  // namespace probe_run
