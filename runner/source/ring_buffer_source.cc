#include "source/ring_buffer_source.h"

#include <fmt/format.h>

#include <cerrno>

#include "object/libbpf.h"
#include "support/descriptor_limit.h"
#include "support/error.h"

namespace probe_run {

RingBufferSource::RingBufferSource(const MapInfo& map, int map_fd, std::uint32_t index,
                                   StreamConsumer& consumer)
    : index_(index), consumer_(consumer), ring_(ring_buffer__new(map_fd, on_record, this, nullptr)) {
  if (ring_ == nullptr) {
    const int error = errno;
    throw Error(fmt::format("cannot open the ring buffer \"{}\": {}", map.name, errno_text(error)),
                error == EMFILE ? descriptor_limit_hint() : std::string());
  }
}

RingBufferSource::~RingBufferSource() {
  ring_buffer__free(ring_);
}

int RingBufferSource::fd() const {
  return ring_buffer__epoll_fd(ring_);
}

int RingBufferSource::on_record(void* self, void* data, std::size_t size) noexcept {
  auto* const source = static_cast<RingBufferSource*>(self);
  source->consumer_.record(source->index_, {static_cast<const std::byte*>(data), size});
  // libbpf drains until the ring is empty, which under load is never. A negative return ends it; this record
  // counts as consumed.
  return --source->left_ == 0 ? -ECANCELED : 0;
}

std::size_t RingBufferSource::drain(std::size_t budget) noexcept {
  left_ = budget;
  ring_buffer__consume(ring_);  // its result is the last callback's; what was consumed is counted here
  return budget - left_;
}

}  // namespace probe_run
