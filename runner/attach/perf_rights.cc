#include "attach/perf_rights.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "support/fd.h"

namespace probe_run {
namespace {

constexpr const char* uprobe_type = "/sys/bus/event_source/devices/uprobe/type";

// The least of the rights with which the kernel does not refuse permission; another error does not matter.
Capabilities least_for(perf_event_attr attr) noexcept {
  constexpr int cpu = 0;  // if it is offline, the error is another one
  for (const Capabilities tried : {Capabilities(), Capabilities{Capability::perfmon}}) {
    const InForce only(tried);
    const Fd event(
        static_cast<int>(::syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
    if (event || (errno != EACCES && errno != EPERM)) return tried;
  }
  return {Capability::sys_admin};
}

}  // namespace

Capabilities rights_for_cpu_events() noexcept {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_DUMMY;
  attr.disabled = 1;
  return least_for(attr);
}

// Of no program, which is an error of its own once the kernel has allowed it.
Capabilities rights_for_uprobes() noexcept {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  std::ifstream(uprobe_type) >> attr.type;
  attr.disabled = 1;
  return least_for(attr);
}

}  // namespace probe_run
