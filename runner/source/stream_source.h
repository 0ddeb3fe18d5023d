// Streams of the kernel: ring buffers and perf buffers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "object/description.h"
#include "source/event_consumer.h"

namespace probe_run {

class StreamSource {
 public:
  virtual ~StreamSource() = default;

  // Readable when there is something to drain.
  virtual int fd() const = 0;

  // Hands over what is there, but at most about `budget` records, so that a fast producer does not starve the
  // rest of the program. Returns the number of records.
  virtual std::size_t drain(std::size_t budget) noexcept = 0;

  // The CPU was offline, or is new: a source with a buffer for each CPU creates that one again. Throws Error.
  virtual void processor_is_back(int) {}
};

// REQUIRES: map.is_stream(); `consumer` outlives the source. Throws Error.
std::unique_ptr<StreamSource> open_stream(const MapInfo& map, int map_fd, std::uint32_t index,
                                          StreamConsumer& consumer);

}  // namespace probe_run
