// seccomp: the system calls that a run does not need once its programs are attached fail with EPERM.
#pragma once

namespace probe_run {

// What the rest of a run does that is forbidden otherwise.
struct LaterCalls {
  bool attaches = false;         // programs of the loaded object, again
  bool opens_events = false;     // perf events of CPUs that come back online, and their links
  bool writes_files = false;     // opens, replaces and removes files of outputs
  bool opens_by_handle = false;  // of cgroups
};

// Cannot be undone. Returns 0 or an errno: ENOSYS, EINVAL for a kernel without seccomp filters. REQUIRES: there is only
// one thread; no new privileges
int forbid_other_calls(const LaterCalls& needed) noexcept;

}  // namespace probe_run
