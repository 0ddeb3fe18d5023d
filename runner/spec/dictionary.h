// What a spec writes as an object whose keys its author chooses.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/source_text.h"

namespace probe_run {

// An object whose keys are names of the spec's author, in the order written.
template <class T>
using Dictionary = std::vector<std::pair<Located<std::string>, T>>;

}  // namespace probe_run
