// What a person needs of the verifier's log, which may have a million lines.
#pragma once

#include <string>

#include "object/load_log.h"

namespace probe_run {

// The verifier's complaint with the instruction and the line of the source that it is about, then the steps
// that led there; each line escaped for a terminal. "" for an empty log.
std::string verifier_excerpt(const LoadLog& log);

}  // namespace probe_run
