// The runner's own metrics: events, losses and costs.
#pragma once

#include <list>
#include <vector>

#include "engine/live_probe.h"
#include "engine/run_report.h"
#include "sink/http_endpoint.h"

namespace probe_run {

// `endpoint` may be nullptr. `started` is the start time of the run, ns since the Unix epoch.
void add_own_metrics(const std::list<LiveProbe>& probes, const RunReport& report,
                     const HttpEndpoint* endpoint, std::int64_t started, std::vector<MetricFamily>& families);

}  // namespace probe_run
