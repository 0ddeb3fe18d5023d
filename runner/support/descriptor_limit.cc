#include "support/descriptor_limit.h"

#include <fmt/format.h>
#include <sys/resource.h>

namespace probe_run {

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  // Where it is refused, what finds no descriptor says so.
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string descriptor_limit_hint() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return fmt::format(
      "this process may have {} descriptors open, and each map, program and attach point takes one, or one "
      "for each processor: raise the hard limit (`ulimit -Hn`, or LimitNOFILE= of a systemd unit)",
      limit.rlim_cur);
}

}  // namespace probe_run
