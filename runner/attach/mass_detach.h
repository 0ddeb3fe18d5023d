// Detaching many probes in a moment.
//
// The kernel takes the perf events of kprobes, uprobes and tracepoints down one after the other, and each
// takes it 40 to 140 ms, wherever they are closed: 500 of them a minute, in the exit of a killed process too.
// The programs can be taken from them in a moment: the links go, from several threads, while the events are
// held by a process of their own. That then closes the events, which run nothing any more, in the background.
#pragma once

#include <vector>

#include "support/fd.h"

namespace probe_run {

class MassDetach {
 public:
  // To be made before the first of the attachments is destroyed. Does nothing where they are few, and before
  // Linux 5.15, where a perf event has no link.
  MassDetach() noexcept;
  // When all are destroyed: none of their programs runs any more when this returns.
  ~MassDetach();
  MassDetach(const MassDetach&) = delete;
  MassDetach& operator=(const MassDetach&) = delete;

 private:
  void hold_events(const std::vector<int>& events);

  std::vector<Fd> links_;  // kept so that they do not go one by one
  Fd hold_;                // the other process ends when it is closed
};

}  // namespace probe_run
