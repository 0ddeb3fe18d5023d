// The maps of a spec that are read at intervals, for scrapers, and at the end of the run.
#pragma once

#include <list>
#include <optional>

#include "engine/input.h"
#include "source/map_reader.h"
#include "support/duration.h"
#include "support/interlude.h"

namespace probe_run {

class PolledMaps {
 public:
  // `interlude` acts within long reads, and must outlive this.
  explicit PolledMaps(Interlude& interlude) : interlude_(interlude) {}
  // Adds the map of `fd`, read for `consumer`; both must outlive this.
  void add(const Input& input, int fd, ReadConsumer& consumer);
  void clear() noexcept;
  // Starts the intervals of new maps. All times are CLOCK_MONOTONIC.
  void begin(std::int64_t now) noexcept;
  std::optional<std::int64_t> deadline() const;
  // Reads the maps that are due.
  void read_due(std::int64_t now) noexcept;
  // Reads the maps behind metrics, only to update these.
  void read_for_metrics() noexcept;
  void read_last() noexcept;

  struct Times {
    std::string map;
    std::uint64_t reads = 0;
    Duration time{0};
  };
  const std::list<Times>& times() const { return times_; }
  std::string failure() const;  // of the first read that failed; "" for none

 private:
  struct Map {
    const MapInfo* info;
    MapReader reader;
    Duration interval;                 // 0: only at exit
    std::optional<std::int64_t> next;  // CLOCK_MONOTONIC
    bool for_metrics;                  // also read for scrapers
    Times* times;
  };
  struct Failure {
    const MapInfo* map;
    int error;
  };

  void read(Map& map, MapReader::Turn turn) noexcept;

  std::list<Map> maps_;
  Interlude& interlude_;
  std::list<Times> times_;
  std::optional<Failure> failure_;
};

}  // namespace probe_run
