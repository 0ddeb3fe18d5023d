#include "decode/field_value.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace probe_run {
namespace {

double half_to_double(std::uint16_t bits) noexcept {
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  double magnitude = 0;
  if (exponent == 0x1f) {
    magnitude =
        fraction != 0 ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
  } else {
    magnitude = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 0x400, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

}  // namespace

double load_real(const std::byte* at, std::size_t size) noexcept {
  switch (size) {
    case sizeof(float):
      return static_cast<double>(load_as<float>(at));
    case sizeof(std::uint16_t):
      return half_to_double(load_as<std::uint16_t>(at));
    default:
      return load_as<double>(at);
  }
}

void store(std::byte* row, const Slot& slot, Wide value) noexcept {
  std::byte* const at = row + slot.offset;
  if (slot.bits == 0) {
    std::memcpy(at, &value, std::min<std::size_t>(slot.size, sizeof value));
    return;
  }
  for (unsigned bit = 0; bit < slot.bits; ++bit) {
    std::byte& byte = at[(slot.shift + bit) / 8];
    const auto mask = static_cast<std::byte>(1u << ((slot.shift + bit) % 8));
    byte = ((value >> bit) & 1) != 0 ? byte | mask : byte & ~mask;
  }
}

void store_real(std::byte* row, const Slot& slot, double value) noexcept {
  if (slot.size == sizeof(float)) {
    const auto narrow = static_cast<float>(value);
    std::memcpy(row + slot.offset, &narrow, sizeof narrow);
  } else {
    std::memcpy(row + slot.offset, &value, sizeof value);
  }
}

}  // namespace probe_run
