// Lets what must not wait happen within long work: whoever walks a large map or writes a large page calls step() after
// each small piece, and the event loop takes the records of streams there.
#pragma once

#include <cstdint>
#include <functional>

namespace probe_run {

class Interlude {
 public:
  // Called between two pieces. It must not begin such work itself, nor change what a page or a batch of rows is being
  // made of: rows of streams are added to other outputs, or at the end of a metric's series.
  void set(std::function<void()> act) { act_ = std::move(act); }

  // After each small piece of work, such as one row: acts once a millisecond or so, and leaves the work at least as
  // much time as it takes.
  void step() noexcept {
    if (++steps_ % steps_per_look == 0) look();
  }
  // After a larger piece, such as a batch of a map's entries.
  void look() noexcept;

  // All the time that it took, ns: this was not spent on the work.
  std::int64_t taken() const noexcept { return taken_; }

 private:
  static constexpr std::uint32_t steps_per_look = 32;

  std::function<void()> act_;
  std::uint32_t steps_ = 0;
  bool acting_ = false;
  std::int64_t next_ = 0;  // CLOCK_MONOTONIC
  std::int64_t taken_ = 0;
};

}  // namespace probe_run
