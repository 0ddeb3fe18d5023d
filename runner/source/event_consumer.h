// Who gets the data of the sources: the kernel's rings and maps in a run, a recording in a replay.
//
// Maps are numbered as in ObjectDescription::maps; the lines that programs print have the number `printk_lines`. Bytes
// are valid during the call only. Nothing is thrown through a source. Calls that return a bool say whether the data was
// taken; false means that no more is wanted (--count).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "support/names.h"

namespace probe_run {

inline constexpr std::uint32_t printk_lines = UINT32_MAX;  // no map

class StreamConsumer {
 public:
  // A record of a stream: of printed lines, a PrintkHeader and the text.
  virtual bool record(std::uint32_t map, std::span<const std::byte> bytes) noexcept = 0;
  // So many more records were lost by the kernel's buffer.
  virtual void lost(std::uint32_t map, std::uint64_t count) noexcept = 0;

 protected:
  ~StreamConsumer() = default;
};

// For whom a map is read.
enum class ReadFor {
  everyone,
  metrics  // for a scraper, so that it gets the state of now: neither shown, nor counted, nor recorded
};

// How a read of a map went.
struct ReadEnd {
  bool incomplete = false;     // entries may be missing or stale
  bool restarted = false;      // the kernel sent the walk back to the beginning
  std::uint64_t vanished = 0;  // keys that were deleted between being listed and looked up
};

// Gets the reads of maps, one at a time.
class ReadConsumer {
 public:
  virtual bool begin_read(std::uint32_t map, ReadFor whom) noexcept = 0;
  // An entry: the key, padded to a multiple of 8 bytes, and the value (of a per-CPU map, the padded values of all
  // possible CPUs).
  virtual bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept = 0;
  // The same for an entry that the read removed from the map.
  virtual bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept = 0;
  virtual bool end_read(std::uint32_t map, const ReadEnd& end) noexcept = 0;

 protected:
  ~ReadConsumer() = default;
};

// Calls for which the kernel did not run the programs that are attached there: because too many calls were in
// progress, or because the program was already running.
struct Missed {
  std::uint64_t calls = 0;
  std::uint32_t counted = 0, uncounted = 0;  // programs for which this kernel counts them, and others
};

// Gets all that happens in a run, in its order.
class EventConsumer : public StreamConsumer, public ReadConsumer {
 public:
  virtual ~EventConsumer() = default;

  // The object's own counter of records it could not send to the map now stands at `total`.
  virtual void dropped(std::uint32_t map, std::uint64_t total) noexcept = 0;
  // So many calls were missed up to now.
  virtual void missed(const Missed& total) noexcept = 0;

  // What a number means; in a replay, it comes before what is shown with it.
  virtual void name(NameKind kind, std::span<const std::byte> key, std::string_view value) noexcept = 0;

  // The time: CLOCK_MONOTONIC now, and what to add to it for nanoseconds since 1970.
  virtual void time(std::int64_t monotonic, std::int64_t to_wall) noexcept = 0;
  // How far CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC from the next time() on: how long the machine has slept. 0 until
  // the first call.
  virtual void slept(std::int64_t total) noexcept = 0;
  // The probes are detached and everything queued has come; what follows is each map's last read.
  virtual void stopping() noexcept = 0;
};

}  // namespace probe_run
