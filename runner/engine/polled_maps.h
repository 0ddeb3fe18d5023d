// The maps of a spec that are read: at intervals, for scrapers, and when the run ends.
#pragma once

#include <list>
#include <optional>

#include "engine/input.h"
#include "source/map_reader.h"
#include "support/duration.h"

namespace probe_run {

class PolledMaps {
 public:
  // Reads the map behind `fd` from now on, for `consumer`; both must outlive this.
  void add(const Input& input, int fd, ReadConsumer& consumer);
  void clear() noexcept;

  // The intervals of those that have none yet begin. CLOCK_MONOTONIC, as everywhere here.
  void begin(std::int64_t now) noexcept;
  std::optional<std::int64_t> deadline() const;
  // Reads those whose time has come.
  void read_due(std::int64_t now) noexcept;
  // Reads those whose metrics are to be those of now, for these alone.
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
    bool for_metrics;                  // it is also read when a scraper asks
    Times* times;
  };
  struct Failure {
    const MapInfo* map;
    int error;
  };

  void read(Map& map, MapReader::Turn turn) noexcept;

  std::list<Map> maps_;
  std::list<Times> times_;
  std::optional<Failure> failure_;
};

}  // namespace probe_run
