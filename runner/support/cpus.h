// The CPUs of this machine that are online, and those that go offline and come back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/uevents.h"

namespace probe_run {

// Of a list as the kernel writes it: "0-3,6".
std::vector<int> parse_processors(std::string_view list);

// The kernel's list, as text and as numbers. Throws Error when it cannot be read.
std::string online_processors_text();
std::vector<int> online_processors();

// A CPU that went offline or came back.
struct ProcessorChange {
  int processor = 0;
  bool online = false;
  bool operator==(const ProcessorChange&) const = default;
};

// The change that a uevent announces; nullopt when it is about something else.
std::optional<ProcessorChange> parse_processor_event(std::string_view event);

// The kernel's announcements of CPUs. After a suspend, it announces only that they are back.
class ProcessorWatch {
 public:
  // 0 or an errno.
  int open();
  int fd() const { return uevents_.fd(); }

  // What has changed since the last call, in order. When announcements were lost, every CPU that is online
  // counts as having come back.
  std::vector<ProcessorChange> take() noexcept;

 private:
  Uevents uevents_;
};

}  // namespace probe_run
