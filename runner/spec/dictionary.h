// Objects in a spec whose keys are chosen by its author.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/source_text.h"

namespace probe_run {

// An object whose keys are names chosen by the spec's author, in the order written.
template <class T>
using Dictionary = std::vector<std::pair<Located<std::string>, T>>;

}  // namespace probe_run
