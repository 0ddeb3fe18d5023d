#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace probe_run {

inline std::size_t hash_of(const std::byte* bytes, std::size_t size) noexcept {
  const void* const begin = bytes;
  return std::hash<std::string_view>{}({static_cast<const char*>(begin), size});
}

}  // namespace probe_run
