#include "attach/glob.h"

namespace probe_run {

bool matches_glob(std::string_view name, std::string_view pattern) noexcept {
  // On a mismatch the last star takes one letter more: no recursion, so no pattern is slow.
  std::size_t at = 0, star = std::string_view::npos, resume = 0, p = 0;
  while (at < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = at;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[at])) {
      ++p;
      ++at;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace probe_run
