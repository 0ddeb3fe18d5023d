// Watches for kernel modules that are unloaded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/uevents.h"

namespace probe_run {

// "veth" of the event "remove@/module/veth"; nullopt when it is about something else.
std::optional<std::string> parse_module_event(std::string_view event);

class ModuleWatch {
 public:
  // 0 or an errno.
  int open();
  int fd() const { return uevents_.fd(); }

  // The modules that were unloaded since the last call.
  std::vector<std::string> take() noexcept;

 private:
  Uevents uevents_;
};

}  // namespace probe_run
