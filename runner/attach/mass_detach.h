// Detaches many probes quickly.
//
// The kernel removes the perf events of kprobes, uprobes and tracepoints one after the other, and each takes 40
// to 140 ms, no matter where they are closed: 500 of them take a minute, even at the exit of a killed process.
// Some kernels can detach the programs from the events in parallel, which is fast. So the events are handed to a
// separate process, which first detaches the programs, and then closes the idle events in the background.
#pragma once

#include <cstddef>
#include <vector>

#include "support/fd.h"

namespace probe_run {

class MassDetach {
 public:
  // Create this before the first of the links is destroyed. Does nothing if there are few: it opens no file then, which
  // the run itself would see if it watches that.
  explicit MassDetach(std::size_t links) noexcept;
  // Call this when all are destroyed. When it returns, none of their programs runs any longer, unless the kernel
  // takes longer than a user wants to wait.
  ~MassDetach();
  MassDetach(const MassDetach&) = delete;
  MassDetach& operator=(const MassDetach&) = delete;

 private:
  Fd begin_;  // closing it starts the other process
  Fd done_;   // reaches its end when no program runs any longer
};

}  // namespace probe_run
