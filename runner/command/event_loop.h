// Waits for data, timers and signals, and lets the probes do their work.
#pragma once

#include <list>

#include "command/live_probe.h"

namespace probe_run {

// Runs until a signal, --duration, --count or until no one reads the output any more; then detaches and
// drains what is queued. Under load, records are left to gather for a moment after each drain; without load
// nothing wakes the process.
void run_event_loop(std::list<LiveProbe>& probes, SinkSet& sinks, const Options& options);

// CLOCK_MONOTONIC, ns.
std::int64_t monotonic_now();

}  // namespace probe_run
