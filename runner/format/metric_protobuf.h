// Metrics as io.prometheus.client.MetricFamily messages, each behind its length: the only form that has
// native histograms.
#pragma once

#include <span>

#include "format/metric_family.h"

namespace probe_run {

// A whole document. Families without series are left out.
void append_metrics_protobuf(TextBuffer& out, std::span<const MetricFamily* const> families);

}  // namespace probe_run
