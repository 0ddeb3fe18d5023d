// Which way through a map is taken.
#pragma once

#include <memory>
#include <vector>

#include "object/description.h"
#include "source/map_walk.h"

namespace probe_run {

// What the kernel says of the map. Throws Error naming it.
OpenMap open_map(const MapInfo& map, int map_fd, std::uint32_t possible_cpus);

// `keys` are those the spec names, one behind the other; empty for all entries. Throws Error.
// REQUIRES: check_map_rules() let the map pass, and it is neither a stream nor a user ring buffer
std::unique_ptr<MapWalk> open_walk(const MapInfo& info, const OpenMap& map, std::vector<std::byte> keys);

}  // namespace probe_run
