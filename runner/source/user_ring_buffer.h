// Ring buffers in the other direction: this program writes, a BPF program reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "object/description.h"

namespace probe_run {

// Puts the values, each of `size` bytes, into the buffer. Throws Error naming the map when it is full.
// REQUIRES: the map's class is user_ring_buffer
void send_values(const MapInfo& map, int map_fd, std::span<const std::byte> values, std::uint32_t size);

}  // namespace probe_run
