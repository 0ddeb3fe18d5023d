// Values that a spec can give as a single item or as a list.
#pragma once

#include <vector>

namespace probe_run {

// One item, or a list of at least one.
template <class T>
struct OneOrMany {
  std::vector<T> items;
};

}  // namespace probe_run
