// What this kernel wants for perf events. It depends on its version and on how its distribution built it.
#pragma once

#include "support/rights.h"

namespace probe_run {

// To watch everything that happens on a CPU.
Capabilities rights_for_cpu_events() noexcept;

// To attach to a function of a program. Newer kernels want CAP_SYS_ADMIN.
Capabilities rights_for_uprobes() noexcept;

}  // namespace probe_run
