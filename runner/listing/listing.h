// What programs can be attached to on this machine.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "listing/pattern.h"
#include "listing/search.h"
#include "support/error.h"

namespace probe_run {

struct Listing {
  std::vector<Place> places;          // each once, sorted by type and target
  std::vector<Diagnostic> warnings;   // what could not be read, and features missing in this kernel
  std::vector<Diagnostic> unmatched;  // patterns that nothing matches, or whose file cannot be read
};

enum class Details {
  of_single_places,  // if the pattern names one place, without * and ?
  all
};

// Throws PatternError.
Listing list_places(std::span<const Family> families, const std::vector<std::string>& patterns,
                    Details details);

}  // namespace probe_run
