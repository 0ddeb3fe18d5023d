// Which maps the programs of an object use.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace probe_run {

// By program: the names of maps, and of sections with global variables, that its code refers to. A call of a function
// of another section counts as a use of what that section uses. What a damaged file does not tell is left out.
std::map<std::string, std::set<std::string>, std::less<>> map_uses(std::string_view elf);

}  // namespace probe_run
