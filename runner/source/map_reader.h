// Reads the entries of a map that holds state.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "object/description.h"
#include "source/event_consumer.h"
#include "source/map_walk.h"
#include "spec/map_spec.h"
#include "support/interlude.h"
#include "support/key_index.h"

namespace probe_run {

// Which entries of a map have rested, so that they may be removed.
//
// Programs add to values in place, through pointers: a key that is deleted while one of them holds its value
// loses what is added then. So an entry is removed only after a whole interval in which nobody changed it,
// and which was long enough for a program that was interrupted meanwhile to end.
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

class MapReader final : private EntryVisitor {
 public:
  struct Way {
    ReadMode mode = ReadMode::snapshot;
    std::vector<std::byte> keys;  // only these, one after the other; empty for all
  };

  // `map` and `consumer` must outlive the reader. Throws Error where the kernel cannot do it.
  // REQUIRES: check_map_rules() let the map pass, and it is neither a stream nor a user ring buffer
  MapReader(const MapInfo& map, int map_fd, std::uint32_t index, std::uint32_t possible_cpus, Way way,
            ReadConsumer& consumer);

  // One read: begin_read(), every entry, end_read(). Entries that are deleted meanwhile are left out; when
  // the walk itself was disturbed the read is marked incomplete. ReadMode::drain removes entries that have
  // not changed since the read before, but not in the last read. Of queues and stacks every read removes what
  // it reads. A read that the consumer refuses at its beginning reads and removes nothing. `interlude` may act
  // between any two entries. Returns 0 or an errno.
  enum class Turn {
    one_of_many,
    last,
    metrics  // REQUIRES: the read removes nothing, and no other depends on the read before
  };
  int read(Turn turn, Interlude& interlude) noexcept;

 private:
  void entry(const std::byte* key, const std::byte* value) noexcept override;
  void taken(const std::byte* key, const std::byte* value) noexcept override;
  void vanished() noexcept override;
  void restarted() noexcept override { restarted_ = true; }
  void cut() noexcept override { incomplete_ = true; }
  void passed() noexcept override { interlude_->look(); }
  std::span<const std::byte> joined(const std::byte* key, const std::byte* value) noexcept;

  ReadConsumer& consumer_;
  std::uint32_t index_;
  std::unique_ptr<MapWalk> walk_;
  std::optional<IdleEntries> idle_;
  std::size_t key_size_;  // of an entry, as it is handed over
  std::size_t value_size_;
  std::size_t trailing_unit_;  // zeros at the value's end that are cut off, in multiples of this; 0: none
  std::vector<std::byte> entry_;
  Interlude* interlude_ = nullptr;  // of the read in progress
  bool may_take_ = false;
  bool restarted_ = false, incomplete_ = false;
  std::uint64_t vanished_ = 0;
};

}  // namespace probe_run
