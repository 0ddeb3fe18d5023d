// Metrics as io.prometheus.client.MetricFamily messages, each preceded by its length: the only form with native
// histograms.
#pragma once

#include <span>

#include "format/metric_family.h"
#include "support/interlude.h"

namespace probe_run {

// Writes a whole document. Families without series are omitted. Between two series, `interlude` may change values and
// add series.
void append_metrics_protobuf(TextBuffer& out, std::span<const MetricFamily* const> families,
                             Interlude& interlude);

}  // namespace probe_run
