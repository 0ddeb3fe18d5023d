// The "format" files of tracefs, which describe what tracepoints record.
#pragma once

#include <string_view>
#include <vector>

#include "object/c_declaration.h"

namespace probe_run {

// The fields after the common ones. The text may be anything: lines that are not fields are skipped.
std::vector<CVariable> event_fields(std::string_view format);

}  // namespace probe_run
