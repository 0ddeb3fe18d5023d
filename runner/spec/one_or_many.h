// What a spec may write as one thing or as a list.
#pragma once

#include <vector>

namespace probe_run {

// One thing, or a list of at least one.
template <class T>
struct OneOrMany {
  std::vector<T> items;
};

}  // namespace probe_run
