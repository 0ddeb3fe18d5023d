// The ways through a map's entries: by batches, key by key, through a memory mapping, for given keys, ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "object/description.h"
#include "object/map_type.h"

namespace probe_run {

// A map of the kernel, as a walk needs to know it. The descriptor is not owned.
struct OpenMap {
  int fd = -1;
  const MapType* type = nullptr;
  std::uint32_t key_size = 0;     // as the kernel has it
  std::uint32_t max_entries = 0;  // 0 where the map has no limit of its own
  std::uint32_t flags = 0;
  std::size_t value_bytes = 0;  // of one entry; of a per-CPU map, the padded values of all possible CPUs
};

// What a walk finds. Keys and values are valid during the call only.
class EntryVisitor {
 public:
  virtual void entry(const std::byte* key, const std::byte* value) noexcept = 0;
  // An entry that the look-up removed.
  virtual void taken(const std::byte* key, const std::byte* value) noexcept = 0;
  // A key that was listed but not found: it was deleted in the meantime.
  virtual void vanished() noexcept = 0;
  // The kernel started over, because the key that it had reached was deleted.
  virtual void restarted() noexcept = 0;
  // The walk ended before the map's end, or cannot be sure that it did not.
  virtual void cut() noexcept = 0;
  // A look-up came back with nothing to hand over, or with the next batch: a long walk has gone on.
  virtual void passed() noexcept = 0;

 protected:
  ~EntryVisitor() = default;
};

class MapWalk {
 public:
  virtual ~MapWalk() = default;
  // Hands over every entry once. 0 or an errno; what was handed over before an error is right.
  virtual int walk(EntryVisitor& out) noexcept = 0;
};

// Which way through a map is taken.

// Asks the kernel about the map. Throws Error naming it.
OpenMap open_map(const MapInfo& map, int map_fd, std::uint32_t possible_cpus);

// `keys` are those the spec names, one after the other; empty for all entries. Throws Error.
// REQUIRES: check_map_rules() let the map pass, and it is neither a stream nor a user ring buffer
std::unique_ptr<MapWalk> open_walk(const MapInfo& info, const OpenMap& map, std::vector<std::byte> keys);

}  // namespace probe_run
