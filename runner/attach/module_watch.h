// Watches for kernel modules that are unloaded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/fd.h"

namespace probe_run {

// "veth" of the event "remove@/module/veth"; nullopt when it is about something else.
std::optional<std::string> parse_module_event(std::string_view event);

// The kernel's announcements (uevents), filtered so that only removals wake this program.
class ModuleWatch {
 public:
  // 0 or an errno.
  int open();
  int fd() const { return socket_.get(); }

  // The modules that were unloaded since the last call. If announcements were lost, nothing is known about them.
  std::vector<std::string> take() noexcept;

 private:
  Fd socket_;
};

}  // namespace probe_run
