// What the runner says of itself as metrics: what came, what was lost, what it costs.
#pragma once

#include <list>
#include <vector>

#include "engine/live_probe.h"
#include "engine/run_report.h"
#include "sink/http_endpoint.h"

namespace probe_run {

// `endpoint` may be nullptr. `started`: when the run began, ns since 1970.
void add_own_metrics(const std::list<LiveProbe>& probes, const RunReport& report,
                     const HttpEndpoint* endpoint, std::int64_t started, std::vector<MetricFamily>& families);

}  // namespace probe_run
