#include "attach/descriptor_limit.h"

#include <sys/resource.h>

namespace probe_run {

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  // Where it is refused, the attach that finds no descriptor says so.
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace probe_run
