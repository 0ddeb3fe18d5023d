#include "source/stream_source.h"

#include "source/perf_buffer_source.h"
#include "source/ring_buffer_source.h"

namespace probe_run {

std::unique_ptr<StreamSource> open_stream(const MapInfo& map, int map_fd, std::uint32_t index,
                                          StreamConsumer& consumer) {
  if (map.map_class() == MapClass::ring_buffer)
    return std::make_unique<RingBufferSource>(map, map_fd, index, consumer);
  return std::make_unique<PerfBufferSource>(map, map_fd, index, consumer);
}

}  // namespace probe_run
