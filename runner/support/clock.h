// Clocks in nanoseconds.
#pragma once

#include <cstdint>
#include <ctime>

namespace probe_run {

inline std::int64_t clock_ns(clockid_t clock) noexcept {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace probe_run
