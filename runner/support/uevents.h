// The kernel's announcements of what comes and goes (uevents): CPUs, modules, devices.
#pragma once

#include <linux/filter.h>

#include <functional>
#include <span>
#include <string_view>

#include "support/fd.h"

namespace probe_run {

class Uevents {
 public:
  // Only the announcements that the filter lets through wake this program; polling would wake a run that sees nothing.
  // 0 or an errno.
  int open(std::span<const sock_filter> filter);
  int fd() const { return socket_.get(); }

  // Passes on each announcement since the last call, such as "remove@/module/veth", a NUL, and the same in variables.
  // False if some were lost.
  bool take(const std::function<void(std::string_view)>& consume) noexcept;

 private:
  Fd socket_;
};

}  // namespace probe_run
