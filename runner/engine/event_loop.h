// Waits for data, timers and signals, and dispatches them to the probes.
#pragma once

#include <list>

#include "engine/live_probe.h"
#include "engine/run_report.h"
#include "sink/http_endpoint.h"
#include "support/interlude.h"

namespace probe_run {

// Runs until a signal, --duration, --count or until nobody reads the output; then detaches and drains the queues.
// Under load, records are left to gather for a moment after each drain; without load, nothing wakes the process up.
// A spec that cannot continue is detached and prints its remaining output, while the others continue if `report`
// allows it; so is one for which there was no memory but that of the reserve. `endpoint` may be nullptr; before it
// answers, queued events are drained and the maps are read. `interlude` is the one of the probes: streams are drained
// within what takes long.
void run_event_loop(std::list<LiveProbe>& probes, SinkSet& sinks, const Options& options,
                    HttpEndpoint* endpoint, Interlude& interlude, RunReport& report);

// CLOCK_MONOTONIC, ns.
std::int64_t monotonic_now();

}  // namespace probe_run
