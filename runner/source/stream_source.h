// Streams of the kernel: ring buffers, perf buffers and iterators.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "object/description.h"
#include "source/event_consumer.h"
#include "support/duration.h"
#include "support/fd.h"

namespace probe_run {

class StreamSource {
 public:
  virtual ~StreamSource() = default;

  // Readable when there is something to drain.
  virtual int fd() const = 0;

  // Hands over what is there, but at most about `budget` records, so that a fast producer does not starve the
  // rest of the program. Returns the number of records.
  virtual std::size_t drain(std::size_t budget) noexcept = 0;

  // The most records that can be there at a time: what was there when the last producer was detached can be drained in
  // as many.
  virtual std::uint64_t most_records() const noexcept = 0;

  // After the last drain: passes on losses that the kernel would have reported with the next record.
  virtual void report_last_losses() noexcept {}

  // The CPU was offline, or is new: a source with a buffer for each CPU creates that one again. Throws Error.
  virtual void processor_is_back(int) {}
};

// REQUIRES: map.is_stream(); `consumer` outlives the source. Throws Error.
std::unique_ptr<StreamSource> open_stream(const MapInfo& map, int map_fd, std::uint32_t index,
                                          StreamConsumer& consumer);

// What a program of type iter writes, each time its objects are read.
class IteratorSource final : public StreamSource {
 public:
  // Records of `record_size` bytes each; 0 for lines of text. It is read once when it begins, and again at
  // each `interval`; 0 for never again. `consumer` outlives it. Throws Error.
  IteratorSource(std::uint32_t index, std::uint32_t record_size, Duration interval, StreamConsumer& consumer);

  // The iterator, once its program is attached; the link stays the caller's. Nothing is read before.
  void begin(int link_fd) noexcept;

  // No more reads begin; one in progress can be drained to its end.
  void end() noexcept { link_ = -1; }

  // Readable when it is time to read.
  int fd() const override { return timer_.get(); }
  // Reads on where the read is; a budget that is used up leaves the rest for the next call.
  std::size_t drain(std::size_t budget) noexcept override;
  std::uint64_t most_records() const noexcept override {
    return UINT32_MAX;
  }  // whatever a read in progress yields

  int error() const { return error_; }  // of the first read that failed; 0 for none

 private:
  std::size_t hand_over(bool at_end) noexcept;
  void arm(bool at_once) noexcept;

  std::uint32_t index_;
  std::uint32_t record_size_;
  Duration interval_;
  StreamConsumer& consumer_;
  Fd timer_;
  Fd read_;  // while one is in progress
  int link_ = -1;
  std::vector<std::byte> buffer_;
  std::size_t used_ = 0;  // of the buffer: the beginning of a record whose end is still to come
  int error_ = 0;
};

}  // namespace probe_run
