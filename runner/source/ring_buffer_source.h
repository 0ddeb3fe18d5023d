// A BPF ring buffer (Linux 5.8). It never loses a record that the program could reserve; what it could not,
// only the program can count.
#pragma once

#include "source/stream_source.h"

struct ring_buffer;

namespace probe_run {

class RingBufferSource : public StreamSource {
 public:
  RingBufferSource(const MapInfo& map, int map_fd, std::uint32_t index, StreamConsumer& consumer);
  ~RingBufferSource() override;
  RingBufferSource(const RingBufferSource&) = delete;
  RingBufferSource& operator=(const RingBufferSource&) = delete;

  int fd() const override;
  std::size_t drain(std::size_t budget) noexcept override;

 private:
  static int on_record(void* self, void* data, std::size_t size) noexcept;

  std::uint32_t index_;
  StreamConsumer& consumer_;
  ring_buffer* ring_ = nullptr;
  std::size_t left_ = 0;  // of the budget
};

}  // namespace probe_run
