// Metrics as text: the exposition format 0.0.4 of Prometheus, and OpenMetrics 1.0.
#pragma once

#include <span>

#include "format/metric_family.h"
#include "format/plain_value.h"
#include "support/interlude.h"

namespace probe_run {

enum class MetricDialect { prometheus, openmetrics };

// A whole document. Families without series are left out. For a person, label values are escaped for a
// terminal besides. Between two series, `interlude` may change values and add series.
void append_metrics(TextBuffer& out, std::span<const MetricFamily* const> families, MetricDialect dialect,
                    Interlude& interlude, Reader reader = Reader::program);

}  // namespace probe_run
