#include "engine/polled_maps.h"

#include <fmt/format.h>

#include <algorithm>

#include "object/libbpf.h"
#include "support/clock.h"
#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {

void PolledMaps::add(const Input& input, int fd, ReadConsumer& consumer) {
  const auto cpus = static_cast<std::uint32_t>(std::max(1, libbpf_num_possible_cpus()));
  const MapReader::Way way{input.read_mode(), input.keys};
  Times& times = times_.emplace_back();
  times.map = input.info->name;
  maps_.push_back({input.info, MapReader(*input.info, fd, input.map, cpus, way, consumer), input.interval(),
                   std::nullopt, input.can_be_read_for_metrics(), &times});
}

void PolledMaps::clear() noexcept {
  maps_.clear();
  times_.clear();
}

void PolledMaps::begin(std::int64_t now) noexcept {
  for (Map& map : maps_) {
    if (!map.next && map.interval.count() > 0) map.next = now + map.interval.count();
  }
}

std::optional<std::int64_t> PolledMaps::deadline() const {
  std::optional<std::int64_t> first;
  for (const Map& map : maps_) {
    if (map.next && (!first || *map.next < *first)) first = map.next;
  }
  return first;
}

void PolledMaps::read_due(std::int64_t now) noexcept {
  for (Map& map : maps_) {
    if (!map.next || now < *map.next) continue;
    read(map, MapReader::Turn::one_of_many);
    // Missed reads (of a suspended machine) are not caught up.
    *map.next += ((now - *map.next) / map.interval.count() + 1) * map.interval.count();
  }
}

void PolledMaps::read_for_metrics() noexcept {
  for (Map& map : maps_) {
    if (map.for_metrics) read(map, MapReader::Turn::metrics);
  }
}

void PolledMaps::read_last() noexcept {
  for (Map& map : maps_) read(map, MapReader::Turn::last);
}

void PolledMaps::read(Map& map, MapReader::Turn turn) noexcept {
  const std::int64_t begin = clock_ns(CLOCK_MONOTONIC);
  const std::int64_t taken = interlude_.taken();
  const int error = map.reader.read(turn, interlude_);
  map.times->time += Duration(clock_ns(CLOCK_MONOTONIC) - begin - (interlude_.taken() - taken));
  ++map.times->reads;
  if (error != 0 && !failure_) failure_ = Failure{map.info, error};
}

std::string PolledMaps::failure() const {
  if (!failure_) return {};
  return fmt::format("the map \"{}\" could not be read: {}", escape_for_terminal(failure_->map->name),
                     errno_text(failure_->error));
}

}  // namespace probe_run
