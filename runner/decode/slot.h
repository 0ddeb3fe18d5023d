// The location of a scalar in a record, and its checked load.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace probe_run {

// The bytes of one record or map entry. They come from a BPF program and are untrusted.
using Bytes = std::span<const std::byte>;

struct Slot {
  std::uint32_t offset = 0;  // bytes from the start of the record
  std::uint32_t size = 0;    // bytes to load: 1 to 8, and 9 for a bitfield that straddles them
  std::uint8_t shift = 0;    // for a bitfield: bits below it in the first byte
  std::uint8_t bits = 0;     // for a bitfield: its width; 0 for whole bytes
  bool is_signed = false;
};

// The bits that its number has, and a number with all of them set.
constexpr unsigned width_of(const Slot& slot) noexcept {
  return slot.bits != 0 ? slot.bits : slot.size * 8;
}
constexpr std::uint64_t ones_of(const Slot& slot) noexcept {
  const unsigned width = width_of(slot);
  return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

// The result of load() for a slot with these bits; higher ones are cut off.
constexpr std::uint64_t extended(std::uint64_t bits, const Slot& slot) noexcept {
  const std::uint64_t ones = ones_of(slot);
  const std::uint64_t sign = ones ^ (ones >> 1);
  bits &= ones;
  return slot.is_signed && (bits & sign) != 0 ? bits | ~ones : bits;
}

inline bool holds(Bytes record, const Slot& slot) noexcept {
  return record.size() >= slot.size && record.size() - slot.size >= slot.offset;
}

// Zero- or sign-extended to 64 bits. REQUIRES: holds(record, slot)
[[gnu::always_inline]] inline std::uint64_t load(Bytes record, const Slot& slot) noexcept {
  const std::byte* const at = record.data() + slot.offset;
  std::uint64_t value = 0;
  unsigned width = slot.size * 8;
  if (slot.bits == 0) {
    switch (slot.size) {
      case 1:
        std::memcpy(&value, at, 1);
        break;
      case 2:
        std::memcpy(&value, at, 2);
        break;
      case 4:
        std::memcpy(&value, at, 4);
        break;
      case 8:
        std::memcpy(&value, at, 8);
        return value;
      default:
        std::memcpy(&value, at, slot.size < 8 ? slot.size : 8);
        break;
    }
  } else {
    std::memcpy(&value, at, slot.size < 8 ? slot.size : 8);
    value >>= slot.shift;
    if (slot.size > 8) value |= static_cast<std::uint64_t>(at[8]) << (64 - slot.shift);
    width = slot.bits;
    if (width < 64) value &= ~std::uint64_t{0} >> (64 - width);
  }
  if (slot.is_signed && width < 64 && (value >> (width - 1)) != 0) value |= ~std::uint64_t{0} << width;
  return value;
}

}  // namespace probe_run
