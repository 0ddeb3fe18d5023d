// What every source hands its data to: the kernel's rings and maps in a run, a recording in a replay.
//
// Maps are numbered as in ObjectDescription::maps. Bytes are valid during the call only. Nothing is thrown
// through a source. Calls that return a bool say whether the data was taken; false means that enough has come
// (--count).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "support/names.h"

namespace probe_run {

inline constexpr std::uint32_t printk_lines = UINT32_MAX;  // no map

// How a read of a map went.
struct ReadEnd {
  bool incomplete = false;     // entries may be missing or stale
  bool restarted = false;      // the kernel sent the walk back to the beginning
  std::uint64_t vanished = 0;  // keys that were deleted between being listed and looked up
};

class EventConsumer {
 public:
  virtual ~EventConsumer() = default;

  // A record of a stream.
  virtual bool record(std::uint32_t map, std::span<const std::byte> bytes) noexcept = 0;

  // The entries of one read of a map: the key, padded to a multiple of 8 bytes, and the value (of a per-CPU
  // map, the padded values of all possible CPUs).
  virtual bool begin_read(std::uint32_t map) noexcept = 0;
  virtual bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept = 0;
  // The same for an entry that the read removed from the map.
  virtual bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept = 0;
  virtual bool end_read(std::uint32_t map, const ReadEnd& end) noexcept = 0;

  // A line that a program printed: a PrintkHeader and the text.
  virtual bool printk(std::span<const std::byte> line) noexcept = 0;

  // So many more records were lost by the kernel's buffer of this map, or lines if it is `printk_lines`.
  virtual void lost(std::uint32_t map, std::uint64_t count) noexcept = 0;
  // The object's own counter of records it could not send now stands at `total`.
  virtual void dropped(std::uint32_t map, std::uint64_t total) noexcept = 0;

  // What a number stands for; in a replay, it comes before what is shown with it.
  virtual void name(NameKind kind, std::span<const std::byte> key, std::string_view value) noexcept = 0;

  // Time goes on: CLOCK_MONOTONIC now, and what to add to it for nanoseconds since 1970.
  virtual void time(std::int64_t monotonic, std::int64_t to_wall) noexcept = 0;
  // The probes are detached and everything queued has come; what follows is each map's last read.
  virtual void stopping() noexcept = 0;
};

}  // namespace probe_run
