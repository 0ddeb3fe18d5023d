// SIGINT and SIGTERM: the first asks a run to stop, the second kills it.
#pragma once

namespace probe_run {

// From now on the first of the two makes stop_signal_fd() readable, and gives both their default action back.
// The second one kills then, whatever the process is doing: even a write that a reader keeps waiting.
void take_stop_signals();

// REQUIRES: take_stop_signals() was called
int stop_signal_fd();

}  // namespace probe_run
