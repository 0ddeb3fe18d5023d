// Metrics as io.prometheus.client.MetricFamily messages, each preceded by its length: the only form with native
// histograms.
#pragma once

#include <span>

#include "format/metric_family.h"

namespace probe_run {

// Writes a whole document. Families without series are omitted.
void append_metrics_protobuf(TextBuffer& out, std::span<const MetricFamily* const> families);

}  // namespace probe_run
