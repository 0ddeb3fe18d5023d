// Detaching many probes in a moment.
//
// The kernel takes the perf events of kprobes, uprobes and tracepoints down one after the other, and each
// takes it 40 to 140 ms, wherever they are closed: 500 of them a minute, in the exit of a killed process too.
// Some kernels take the programs from them in parallel, which is a moment. So they are handed to a process of
// their own, which takes the programs from them, and then closes the events, which run nothing any more, in
// the background.
#pragma once

#include <vector>

#include "support/fd.h"

namespace probe_run {

class MassDetach {
 public:
  // To be made before the first of the attachments is destroyed. Does nothing where they are few.
  MassDetach() noexcept;
  // When all are destroyed. None of their programs runs any more when this returns, unless the kernel takes
  // longer than a person likes to wait.
  ~MassDetach();
  MassDetach(const MassDetach&) = delete;
  MassDetach& operator=(const MassDetach&) = delete;

 private:
  Fd begin_;  // the other process begins when it is closed
  Fd done_;   // ends when no program runs any more
};

}  // namespace probe_run
