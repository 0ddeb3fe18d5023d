// The "format" files of tracefs, which describe what tracepoints record.
#pragma once

#include <string_view>
#include <vector>

#include "object/c_declaration.h"

namespace probe_run {

// The fields behind those that all events have in common. The text may be any: what is no field is passed
// over.
std::vector<CVariable> event_fields(std::string_view format);

}  // namespace probe_run
