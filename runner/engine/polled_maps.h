// The maps of a spec that are read: at intervals, for scrapers, and when the run ends.
#pragma once

#include <list>
#include <memory>
#include <optional>

#include "engine/metrics_read.h"
#include "source/map_reader.h"
#include "support/duration.h"

namespace probe_run {

class PolledMaps {
 public:
  // `pipeline` gets the reads for scrapers, and must outlive this.
  explicit PolledMaps(Pipeline& pipeline) : metrics_(pipeline) {}

  // Reads the map behind `fd` from now on, for `consumer`; both must outlive this.
  void add(const Pipeline::Input& input, int fd, EventConsumer& consumer);
  void clear() noexcept;

  // The intervals of those that have none yet begin. CLOCK_MONOTONIC, as everywhere here.
  void begin(std::int64_t now) noexcept;
  std::optional<std::int64_t> deadline() const;
  // Reads those whose time has come.
  void read_due(std::int64_t now) noexcept;
  // Reads those that metrics are made of, for these alone.
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
    Duration interval;                       // 0: only at exit
    std::optional<std::int64_t> next;        // CLOCK_MONOTONIC
    std::unique_ptr<MapReader> for_metrics;  // nullptr: they are made of what `reader` reads
    Times* times;
  };
  struct Failure {
    const MapInfo* map;
    int error;
  };

  void read(Map& map, MapReader& reader, MapReader::Turn turn) noexcept;

  MetricsRead metrics_;
  std::list<Map> maps_;
  std::list<Times> times_;
  std::optional<Failure> failure_;
};

}  // namespace probe_run
