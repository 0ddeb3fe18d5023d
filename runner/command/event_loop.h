// Waits for data, timers and signals, and lets the probes do their work.
#pragma once

#include <list>

#include "command/live_probe.h"
#include "sink/http_endpoint.h"

namespace probe_run {

// Runs until a signal, --duration, --count or until no one reads the output any more; then detaches and
// drains what is queued. Under load, records are left to gather for a moment after each drain; without load
// nothing wakes the process. `endpoint` may be nullptr; before it answers, everything that has come is taken
// and the maps are read.
void run_event_loop(std::list<LiveProbe>& probes, SinkSet& sinks, const Options& options,
                    HttpEndpoint* endpoint);

// CLOCK_MONOTONIC, ns.
std::int64_t monotonic_now();

}  // namespace probe_run
