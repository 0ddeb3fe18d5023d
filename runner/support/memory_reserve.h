// Memory that is set aside so that a run that has none left can end in order: the path of an event throws nothing, and
// what it cannot allocate would abort the process with everything still attached.
#pragma once

#include <cstddef>

namespace probe_run {

// While one exists, an allocation that fails is tried again with the reserve given back. Only one at a time may exist.
class MemoryReserve {
 public:
  MemoryReserve() noexcept;
  ~MemoryReserve();
  MemoryReserve(const MemoryReserve&) = delete;
  MemoryReserve& operator=(const MemoryReserve&) = delete;

  // Whether it was given back since the last call. Sets a new one aside if there is memory for it. False without one.
  static bool take_used() noexcept;
};

}  // namespace probe_run
