// "did you mean ...": the known name nearest to a mistyped one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace probe_run {

// The nearest candidate by edit distance (a swap of neighbours counts once, case counts half), or "" when
// none is near.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

// A hint: `did you mean "x"?` where one is near, else `<known>: a, b, c` with at most twelve names, else "".
std::string suggestion(std::string_view name, std::span<const std::string_view> candidates,
                       std::string_view known);

std::vector<std::string_view> views(const std::vector<std::string>& strings);

// "a, b and c"
std::string join(std::span<const std::string_view> words, std::string_view last = " and ");

}  // namespace probe_run
