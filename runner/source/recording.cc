#include "source/recording.h"

#include <zlib.h>

namespace probe_run::recording {

std::uint32_t checksum(std::span<const std::byte> head, std::span<const std::byte> payload) noexcept {
  const void* const first = head.data();
  const void* const second = payload.data();
  const uLong crc = crc32_z(0, static_cast<const Bytef*>(first), head.size());
  // zlib takes a null pointer as a request to start over.
  if (payload.empty()) return static_cast<std::uint32_t>(crc);
  return static_cast<std::uint32_t>(crc32_z(crc, static_cast<const Bytef*>(second), payload.size()));
}

}  // namespace probe_run::recording
