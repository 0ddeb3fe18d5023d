// Compiles the key "histogram" of a field: the ranges for the slots of an array of counts.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "decode/histogram.h"
#include "decode/plan.h"
#include "support/source_text.h"

namespace probe_run {

// "log2", "exp2", "exp2zero", "linear(MIN, STEP)" or "fixed(BOUND, BOUND...)" for `field` of `plan`, of values in
// `unit`, with the words of slot_words.h. `find` finds a field that is named beside it, or nullptr. The options of
// that field have been applied. Reports mistakes and then returns nullptr.
std::shared_ptr<const Histogram> compile_histogram_option(
    const Located<std::string>& text, const Field& field, const std::string& unit, const Plan& plan,
    const std::function<const Field*(std::string_view)>& find, Diagnostics& diagnostics);

}  // namespace probe_run
