// Reads the entries of a map that holds state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "object/description.h"
#include "source/event_consumer.h"
#include "source/idle_entries.h"
#include "source/map_walk.h"
#include "spec/map_spec.h"

namespace probe_run {

class MapReader final : private EntryVisitor {
 public:
  struct Way {
    ReadMode mode = ReadMode::snapshot;
    std::vector<std::byte> keys;  // only these, one behind the other; empty for all
  };

  // `map` and `consumer` must outlive the reader. Throws Error where the kernel cannot do it.
  // REQUIRES: check_map_rules() let the map pass, and it is neither a stream nor a user ring buffer
  MapReader(const MapInfo& map, int map_fd, std::uint32_t index, std::uint32_t possible_cpus, Way way,
            ReadConsumer& consumer);

  // One read: begin_read(), every entry, end_read(). Entries that are deleted meanwhile are left out; when
  // the walk itself was disturbed the read is marked incomplete. ReadMode::drain removes entries that have
  // not changed since the read before, but not in the last read. Of queues and stacks every read removes what
  // it reads. A read that the consumer refuses at its beginning reads and removes nothing. Returns 0 or an
  // errno.
  enum class Turn {
    one_of_many,
    last,
    metrics  // REQUIRES: the read removes nothing, and no other depends on the read before
  };
  int read(Turn turn) noexcept;

 private:
  void entry(const std::byte* key, const std::byte* value) noexcept override;
  void taken(const std::byte* key, const std::byte* value) noexcept override;
  void vanished() noexcept override { ++vanished_; }
  void restarted() noexcept override { restarted_ = true; }
  void cut() noexcept override { incomplete_ = true; }
  std::span<const std::byte> joined(const std::byte* key, const std::byte* value) noexcept;

  ReadConsumer& consumer_;
  std::uint32_t index_;
  std::unique_ptr<MapWalk> walk_;
  std::optional<IdleEntries> idle_;
  std::size_t key_size_;  // of an entry, as it is handed over
  std::size_t value_size_;
  std::size_t trailing_unit_;  // zeros at the value's end that are cut off, in multiples of this; 0: none
  std::vector<std::byte> entry_;
  bool may_take_ = false;
  bool restarted_ = false, incomplete_ = false;
  std::uint64_t vanished_ = 0;
};

}  // namespace probe_run
