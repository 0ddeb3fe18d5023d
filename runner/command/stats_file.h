// --stats: the figures of the summary for programs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "command/figures.h"

namespace probe_run {

// {"seconds":3.014,"specs":[{"name":"openat","figures":{"events":12,...}}]}, with a newline. Throws Error
// naming the file.
void write_stats(const std::string& file, const std::vector<std::pair<std::string, Figures>>& specs,
                 Duration elapsed);

}  // namespace probe_run
