// Counts numbers in an exponential histogram, as in OpenTelemetry and native histograms of Prometheus: with the
// finest scale at which all of them fit into 160 buckets of each sign.
#pragma once

#include "decode/histogram.h"

namespace probe_run {

// An infinity counts as the largest number of its sign. REQUIRES: `value` is not NaN
void count_in(ExponentialCounts& counts, double value) noexcept;

}  // namespace probe_run
