// Which entries of a map have rested, so that they may be removed.
//
// Programs add to values in place, through pointers: a key that is deleted while one of them holds its value
// loses what is added then. So an entry is removed only after a whole interval in which nobody changed it,
// and which was long enough for a program that was interrupted meanwhile to end.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "source/key_table.h"
#include "source/map_walk.h"

namespace probe_run {

class IdleEntries {
 public:
  // Throws Error where the kernel cannot remove an entry and return its last value in one step.
  IdleEntries(const OpenMap& map, const std::string& name);

  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds least_rest{250};

  void begin_read(Clock::time_point now);
  // Whether the entry has rested. Then it is kept for take(), and is not to be handed over; others are to be,
  // and are remembered until the next read. With `keep`, none has.
  bool rests(const std::byte* key, const std::byte* value, bool keep);
  // Removes those that rest; hands them over with the value that they were removed with. 0 or an errno.
  int take(EntryVisitor& out) noexcept;

 private:
  int remove(const std::byte* key) noexcept;

  struct Read {
    explicit Read(std::uint32_t key_size) : keys(key_size) {}
    struct State {
      std::size_t hash;         // of the value
      Clock::time_point since;  // when a read found this value first
    };
    KeyTable keys;
    std::vector<State> states;  // by the keys' places
  };

  OpenMap map_;
  Read last_, now_;
  KeyTable resting_;
  Clock::time_point read_at_;
  std::vector<std::byte> value_;
};

}  // namespace probe_run
