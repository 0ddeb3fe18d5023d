// Waits for data, timers and signals, and lets the probes do their work.
#pragma once

#include <list>

#include "engine/live_probe.h"
#include "engine/run_report.h"
#include "sink/http_endpoint.h"

namespace probe_run {

// Runs until a signal, --duration, --count or until no one reads the output any more; then detaches and
// drains what is queued. Under load, records are left to gather for a moment after each drain; without load
// nothing wakes the process. A spec that cannot go on is detached and shows what it has left, while the
// others go on, where `report` lets them. `endpoint` may be nullptr; before it answers, everything that has
// come is taken and the maps are read.
void run_event_loop(std::list<LiveProbe>& probes, SinkSet& sinks, const Options& options,
                    HttpEndpoint* endpoint, RunReport& report);

// CLOCK_MONOTONIC, ns.
std::int64_t monotonic_now();

}  // namespace probe_run
