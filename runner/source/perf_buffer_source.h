// A perf buffer: one ring for each CPU, whose losses the kernel reports.
#pragma once

#include <memory>
#include <vector>

#include "source/stream_source.h"
#include "support/fd.h"

struct perf_buffer;
struct perf_event_header;

namespace probe_run {

class PerfBufferSource : public StreamSource {
 public:
  PerfBufferSource(const MapInfo& map, int map_fd, std::uint32_t index, StreamConsumer& consumer);
  PerfBufferSource(const PerfBufferSource&) = delete;
  PerfBufferSource& operator=(const PerfBufferSource&) = delete;

  int fd() const override { return rings_fd_.get(); }
  std::size_t drain(std::size_t budget) noexcept override;
  void processor_is_back(int processor) override;

 private:
  struct FreeBuffer {
    void operator()(perf_buffer* buffer) const;
  };
  // libbpf's perf buffer of one CPU: each can be made again by itself.
  struct Ring {
    int processor;
    std::unique_ptr<perf_buffer, FreeBuffer> buffer;
  };

  static int on_event(void* self, int cpu, perf_event_header* event) noexcept;
  void open_ring(int processor);
  [[noreturn]] void refuse(int error) const;

  std::string name_;
  Fd map_;
  std::uint32_t places_;
  std::uint32_t index_;
  StreamConsumer& consumer_;
  Fd rings_fd_;  // epoll
  std::vector<Ring> rings_;
  std::size_t first_ring_ = 0;  // where the next drain begins, so that every CPU has its turn
  std::size_t left_ = 0;        // of the budget
};

}  // namespace probe_run
