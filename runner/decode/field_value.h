// Numbers in the bytes of a record: where they lie, and the only code that reads and writes them.
//
// A Slot is the place of one number. What is done with it depends on the shape of the field:
//
//   load            an integer of up to 64 bits, of this machine's byte order; a bit-field
//   load_bits       the same without its sign: -1 in an int is 0xffffffff
//   load_big_endian an integer of up to 64 bits, of network byte order; whole bytes
//   load_wide       an integer or bit-field of up to 128 bits
//   load_real       a floating-point number of 2, 4 or 8 bytes
//   load_as         one object of a C type
//   store           an integer or bit-field of up to 128 bits
//   store_real      a floating-point number of 4 or 8 bytes
//
// Nothing here checks where the record ends. Every function REQUIRES that its bytes are there: holds(record, slot), or
// present(field, record) of decode/field.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "support/integer.h"

namespace probe_run {

// The bytes of one record or map entry. They come from a BPF program and are untrusted.
using Bytes = std::span<const std::byte>;

struct Slot {
  std::uint32_t offset = 0;  // bytes from the start of the record
  std::uint32_t size = 0;    // bytes to load: 1 to 16, and one more for a bit-field that straddles 8 or 16
  std::uint8_t shift = 0;    // of a bit-field: bits below it in the first byte
  std::uint8_t bits = 0;     // of a bit-field: its width; 0 for whole bytes
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

// What load() returns for a slot that holds these bits; higher ones are cut off.
constexpr std::uint64_t extended(std::uint64_t bits, const Slot& slot) noexcept {
  const std::uint64_t ones = ones_of(slot);
  const std::uint64_t sign = ones ^ (ones >> 1);
  bits &= ones;
  return slot.is_signed && (bits & sign) != 0 ? bits | ~ones : bits;
}

inline bool holds(Bytes record, const Slot& slot) noexcept {
  return record.size() >= slot.size && record.size() - slot.size >= slot.offset;
}

// One object, at any alignment. REQUIRES: sizeof(T) bytes at `at`
template <class T>
T load_as(const std::byte* at) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  T value{};
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Zero- or sign-extended to 64 bits. REQUIRES: slot.size <= 9
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

// The value in as many bits as the slot has. REQUIRES: slot.size <= 9
inline std::uint64_t load_bits(Bytes record, Slot slot) noexcept {
  slot.is_signed = false;
  return load(record, slot);
}

// `size` whole bytes, the highest first. REQUIRES: size <= 8
inline std::uint64_t load_big_endian(const std::byte* at, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | std::to_integer<std::uint64_t>(at[i]);
  return value;
}

// Zero- or sign-extended to 128 bits. REQUIRES: slot.size <= 17
inline Wide load_wide(Bytes record, const Slot& slot) noexcept {
  Wide value = 0;
  const std::byte* const at = record.data() + slot.offset;
  std::memcpy(&value, at, slot.size < 16 ? slot.size : 16);
  unsigned width = slot.size * 8;
  if (slot.bits != 0) {
    value >>= slot.shift;
    if (slot.size > 16) value |= static_cast<Wide>(std::to_integer<unsigned>(at[16])) << (128 - slot.shift);
    width = slot.bits;
    if (width < 128) value &= ~Wide{0} >> (128 - width);
  }
  if (slot.is_signed && width < 128 && (value >> (width - 1)) != 0) value |= ~Wide{0} << width;
  return value;
}

// An IEEE 754 number of `size` bytes: 2, 4 or 8.
double load_real(const std::byte* at, std::size_t size) noexcept;

// Stores the lowest bits of `value` in the slot; other fields in the same bytes do not change. REQUIRES: `row` has the
void store(std::byte* row, const Slot& slot, Wide value) noexcept;

// REQUIRES: slot.size is 4 or 8
void store_real(std::byte* row, const Slot& slot, double value) noexcept;

}  // namespace probe_run
