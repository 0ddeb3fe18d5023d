// A perf buffer: one ring for each CPU, whose losses the kernel reports.
#pragma once

#include "source/stream_source.h"

struct perf_buffer;
struct perf_event_header;

namespace probe_run {

class PerfBufferSource : public StreamSource {
 public:
  PerfBufferSource(const MapInfo& map, int map_fd, std::uint32_t index, EventConsumer& consumer);
  ~PerfBufferSource() override;
  PerfBufferSource(const PerfBufferSource&) = delete;
  PerfBufferSource& operator=(const PerfBufferSource&) = delete;

  int fd() const override;
  std::size_t drain(std::size_t budget) noexcept override;

 private:
  static int on_event(void* self, int cpu, perf_event_header* event) noexcept;

  std::uint32_t index_;
  EventConsumer& consumer_;
  perf_buffer* buffer_ = nullptr;
  std::size_t first_ring_ = 0;  // where the next drain begins, so that every CPU has its turn
  std::size_t left_ = 0;        // of the budget
};

}  // namespace probe_run
