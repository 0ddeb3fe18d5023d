// The CPUs of this machine that are online, and those that come and go.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/fd.h"

namespace probe_run {

// Of a list as the kernel writes it: "0-3,6".
std::vector<int> parse_processors(std::string_view list);

// The kernel's own list, and the same as numbers; empty where there is no sysfs.
std::string online_processors_text();
std::vector<int> online_processors();

// Processors that go offline and come back, as the kernel announces it.

struct ProcessorChange {
  int processor = 0;
  bool online = false;
  bool operator==(const ProcessorChange&) const = default;
};

// Of one announcement (a uevent); nullopt where it is of something else.
std::optional<ProcessorChange> parse_processor_event(std::string_view event);

// The kernel's announcements, of which only these wake: to look again and again would wake a run that sees
// nothing. A machine that wakes from sleep says of its processors only that they are back.
class ProcessorWatch {
 public:
  // 0 or an errno.
  int open();
  int fd() const { return socket_.get(); }

  // What has changed since the last call, in its order. Where announcements were lost, every processor that
  // is online counts as having come back.
  std::vector<ProcessorChange> take() noexcept;

 private:
  Fd socket_;
};

}  // namespace probe_run
