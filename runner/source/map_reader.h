// Reads every entry of a map that holds state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "object/description.h"
#include "source/event_consumer.h"

namespace probe_run {

class MapReader {
 public:
  // REQUIRES: the map's class is array or hash; `consumer` outlives the reader.
  MapReader(const MapInfo& map, int map_fd, std::uint32_t index, std::uint32_t possible_cpus,
            EventConsumer& consumer);

  // One read: begin_read(), every entry, end_read(). Batches where the kernel has them (5.6), else key by
  // key. Entries that are deleted meanwhile are left out; when the walk itself was disturbed the read is
  // marked incomplete. Returns 0 or an errno.
  int read() noexcept;

 private:
  enum class Outcome { done, unsupported, failed };

  Outcome read_batches() noexcept;
  int read_keys() noexcept;
  void hand_over(const std::byte* key, const std::byte* value) noexcept;

  const MapInfo& map_;
  int fd_;
  std::uint32_t index_;
  EventConsumer& consumer_;
  std::size_t value_bytes_;  // of one entry, all CPUs
  std::uint32_t batch_;      // entries asked for at once
  bool batches_ = true;      // until the kernel says no
  bool incomplete_ = false;
  int error_ = 0;
  std::vector<std::byte> cursor_, next_cursor_, keys_, values_, entry_;
};

}  // namespace probe_run
