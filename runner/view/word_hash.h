// A hash of keys that are padded to a multiple of 8 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace probe_run {

// FNV-1a over 8 bytes at a time. REQUIRES: size is a multiple of 8
inline std::uint64_t word_hash(const std::byte* bytes, std::size_t size) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::size_t i = 0; i < size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace probe_run
