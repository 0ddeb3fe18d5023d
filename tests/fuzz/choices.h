// Decisions taken from bytes: the same bytes, the same decisions. When they are used up, every decision is
// the first choice, so that generation ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

using Bytes = std::span<const std::byte>;

class Choices {
 public:
  explicit Choices(Bytes bytes) : bytes_(bytes) {}

  bool done() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto first = std::to_integer<std::uint8_t>(bytes_[0]);
    bytes_ = bytes_.subspan(1);
    return first;
  }
  // One of 0 to count - 1. REQUIRES: 0 < count <= 256
  unsigned below(std::size_t count) { return static_cast<unsigned>(byte() % count); }
  // True once in `count` times, on average.
  bool one_in(unsigned count) { return below(count) == count - 1; }
  std::uint64_t number(unsigned bytes = 8) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) value |= std::uint64_t{byte()} << (8 * i);
    return value;
  }
  // REQUIRES: 0 < items.size() <= 256
  template <class Items>
  const auto& pick(const Items& items) {
    return items[below(std::size(items))];
  }
  Bytes take(std::size_t count) {
    const Bytes taken = bytes_.first(count < bytes_.size() ? count : bytes_.size());
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }
  Bytes rest() const { return bytes_; }

 private:
  Bytes bytes_;
};

// Bytes in memory of exactly their size, so that a sanitizer detects reads past their end.
inline std::vector<std::byte> exact(Bytes bytes) {
  std::vector<std::byte> copy(bytes.begin(), bytes.end());
  copy.shrink_to_fit();
  return copy;
}

inline std::string_view as_text(Bytes bytes) {
  const void* const begin = bytes.data();
  return {static_cast<const char*>(begin), bytes.size()};
}

inline Bytes as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace fuzz
