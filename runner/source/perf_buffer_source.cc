#include "source/perf_buffer_source.h"

#include <fmt/format.h>
#include <linux/perf_event.h>

#include <cerrno>
#include <cstring>

#include "object/libbpf.h"
#include "support/error.h"

namespace probe_run {
namespace {

constexpr std::size_t pages_per_cpu = 64;

}  // namespace

PerfBufferSource::PerfBufferSource(const MapInfo& map, int map_fd, std::uint32_t index,
                                   EventConsumer& consumer)
    : index_(index), consumer_(consumer) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_BPF_OUTPUT;
  attributes.sample_type = PERF_SAMPLE_RAW;
  attributes.sample_period = 1;
  attributes.wakeup_events = 1;
  const auto call = [](void* self, int cpu, perf_event_header* event) {
    return static_cast<bpf_perf_event_ret>(on_event(self, cpu, event));
  };
  buffer_ = perf_buffer__new_raw(map_fd, pages_per_cpu, &attributes, call, this, nullptr);
  if (buffer_ == nullptr) {
    const int error = errno;
    throw Error(fmt::format("cannot open the perf buffer \"{}\": {}", map.name, errno_text(error)));
  }
}

PerfBufferSource::~PerfBufferSource() {
  perf_buffer__free(buffer_);
}

int PerfBufferSource::fd() const {
  return perf_buffer__epoll_fd(buffer_);
}

int PerfBufferSource::on_event(void* self, int, perf_event_header* event) noexcept {
  auto* const source = static_cast<PerfBufferSource*>(self);
  const auto* const payload = static_cast<const std::byte*>(static_cast<const void*>(event)) + sizeof *event;
  const std::size_t room = event->size < sizeof *event ? 0 : event->size - sizeof *event;
  if (event->type == PERF_RECORD_SAMPLE && room >= sizeof(std::uint32_t)) {
    // The size, then the record, which the kernel pads so that the next one is aligned.
    std::uint32_t size = 0;
    std::memcpy(&size, payload, sizeof size);
    if (size <= room - sizeof size) source->consumer_.record(source->index_, {payload + sizeof size, size});
  } else if (event->type == PERF_RECORD_LOST && room >= 2 * sizeof(std::uint64_t)) {
    std::uint64_t lost = 0;
    std::memcpy(&lost, payload + sizeof(std::uint64_t), sizeof lost);  // behind the event's id
    source->consumer_.lost(source->index_, lost);
  }
  return --source->left_ == 0 ? LIBBPF_PERF_EVENT_DONE : LIBBPF_PERF_EVENT_CONT;
}

std::size_t PerfBufferSource::drain(std::size_t budget) noexcept {
  const std::size_t rings = perf_buffer__buffer_cnt(buffer_);
  left_ = budget;
  for (std::size_t i = 0; i < rings && left_ > 0; ++i) {
    perf_buffer__consume_buffer(buffer_, (first_ring_ + i) % rings);
  }
  if (rings > 0) first_ring_ = (first_ring_ + 1) % rings;
  return budget - left_;
}

}  // namespace probe_run
