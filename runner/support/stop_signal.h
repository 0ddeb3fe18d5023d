// SIGINT and SIGTERM: the first asks a run to stop, a later one kills it. SIGHUP asks to open files again, or to stop.
#pragma once

namespace probe_run {

// From now on the first of SIGINT and SIGTERM makes signal_fd() readable. One that comes half a second later or more
// kills the process, whatever it is doing: even a write that a reader keeps waiting. One that comes sooner is the same
// request: timeout(1) signals its child and then the process group of the child. Each SIGHUP makes it readable too.
void take_stop_signals();

// An eventfd. REQUIRES: take_stop_signals() was called
int signal_fd();

struct Signals {
  bool stop = false;
  bool hang_up = false;
  bool ignores_hang_up = false;  // as under nohup: the terminal's end is not the run's
};
// What has come since the last call. signal_fd() is not readable afterwards.
Signals take_signals();

// Thrown where a run is asked to stop before it has begun. No error, so nothing that may fail catches it.
struct Stopped {};

// Between the steps of what takes long: throws Stopped when a stop was asked for and not taken yet.
void stop_if_asked();

}  // namespace probe_run
