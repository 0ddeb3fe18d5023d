// Which counters this machine has.
#pragma once

#include "spec/event_attach.h"

namespace probe_run {

// False only where the kernel says that there is none: a virtual machine often has none of the processor's.
bool has_counter(PerfEvent event);

}  // namespace probe_run
