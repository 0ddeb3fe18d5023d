// Counts numbers in an exponential histogram, as OpenTelemetry and Prometheus' native histograms do: with the
// finest scale at which all of them have a place in 160 buckets of each sign.
#pragma once

#include "decode/histogram.h"

namespace probe_run {

// An infinity counts as the largest number of its sign. REQUIRES: `value` is no NaN
void count_in(ExponentialCounts& counts, double value) noexcept;

}  // namespace probe_run
