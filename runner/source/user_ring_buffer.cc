#include "source/user_ring_buffer.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "object/libbpf.h"
#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

struct FreeBuffer {
  void operator()(user_ring_buffer* buffer) const { user_ring_buffer__free(buffer); }
};

}  // namespace

void send_values(const MapInfo& map, int map_fd, std::span<const std::byte> values, std::uint32_t size) {
  const std::string name = escape_for_terminal(map.name);
  const std::unique_ptr<user_ring_buffer, FreeBuffer> buffer(user_ring_buffer__new(map_fd, nullptr));
  if (!buffer)
    throw Error(fmt::format("cannot open the user ring buffer \"{}\": {}", name, errno_text(errno)));
  for (std::size_t at = 0; at < values.size(); at += size) {
    void* const sample = user_ring_buffer__reserve(buffer.get(), size);
    if (sample == nullptr) {
      throw Error(fmt::format("cannot send to \"{}\": after {} of {} values, {}", name, at / size,
                              values.size() / size, errno_text(errno)),
                  "the BPF program has not taken them yet: send fewer, or give the buffer more room with "
                  "\"max_entries\"");
    }
    std::memcpy(sample, values.data() + at, size);
    user_ring_buffer__submit(buffer.get(), sample);
  }
}

}  // namespace probe_run
