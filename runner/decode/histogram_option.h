// Compiles the key "histogram" of a field: the ranges for the slots of an array of counts.
#pragma once

#include <memory>

#include "decode/field.h"
#include "decode/histogram.h"
#include "support/source_text.h"

namespace probe_run {

// "log2", "exp2zero", "linear(MIN, STEP)" or "fixed(BOUND, BOUND...)" for `field`, of values in `unit`.
// Reports mistakes and then returns nullptr.
std::shared_ptr<const Histogram> compile_histogram_option(const Located<std::string>& text,
                                                          const Field& field, const std::string& unit,
                                                          Diagnostics& diagnostics);

}  // namespace probe_run
