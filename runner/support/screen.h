// What a terminal can show.
#pragma once

#include <cstddef>

namespace probe_run {

struct Screen {
  std::size_t columns = 80, lines = 24;
  bool utf8 = false;    // characters beyond ASCII
  bool colour = false;  // bold and reverse
};

}  // namespace probe_run
