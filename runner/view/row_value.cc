#include "view/row_value.h"

#include <algorithm>
#include <cstring>

#include "decode/renderer.h"
#include "decode/wide.h"

namespace probe_run {
namespace {

std::strong_ordering order(std::string_view a, std::string_view b) {
  return a.compare(b) <=> 0;
}

std::string_view raw(const Field& field, Bytes record) {
  const void* const begin = record.data() + field.offset();
  return {static_cast<const char*>(begin), field.flexible ? record.size() - field.offset() : field.size};
}

// REQUIRES: out is zero
void copy_value(const Field& field, Bytes record, std::byte* out) noexcept {
  if (!present(field, record)) return;
  if (field.shape == Shape::text) {
    const std::string_view text = text_of(field, record);
    if (!text.empty()) std::memcpy(out, text.data(), std::min<std::size_t>(text.size(), field.size));
  } else if (field.shape == Shape::structure) {
    // Member by member, because padding between them has no meaning.
    for (const Field& member : field.fields)
      copy_value(member, record, out + (member.offset() - field.offset()));
  } else if (field.shape == Shape::array) {
    const std::uint32_t stride = field.fields[0].size;
    const std::uint32_t count = std::min(element_count(field, record), field.count);
    for (std::uint32_t i = 0; i < count; ++i)
      copy_value(field.fields[0], element(field, record, i), out + std::size_t{i} * stride);
  } else if (field.slot.bits != 0) {
    // A bitfield shares its bytes with other fields.
    for (unsigned bit = field.slot.shift; bit < field.slot.shift + unsigned{field.slot.bits}; ++bit) {
      const auto mask = static_cast<std::byte>(1u << (bit % 8));
      out[bit / 8] |= record[field.offset() + bit / 8] & mask;
    }
  } else if (const std::size_t held = std::min<std::size_t>(field.size, record.size() - field.offset());
             held != 0) {
    std::memcpy(out, record.data() + field.offset(), held);
  }
}

}  // namespace

std::strong_ordering compare_by(const Field& field, Bytes a, Bytes b) noexcept {
  const bool in_a = present(field, a);
  const bool in_b = present(field, b);
  if (!in_a || !in_b) return in_a <=> in_b;
  if (field.scalar) {
    const std::uint64_t x = load_integer(field, a);
    const std::uint64_t y = load_integer(field, b);
    return is_signed_integer(field) ? static_cast<std::int64_t>(x) <=> static_cast<std::int64_t>(y) : x <=> y;
  }
  if (is_wide(field)) {
    const Wide x = load_wide(a, field.slot);
    const Wide y = load_wide(b, field.slot);
    return field.slot.is_signed ? static_cast<SignedWide>(x) <=> static_cast<SignedWide>(y) : x <=> y;
  }
  if (is_floating(field)) return std::strong_order(load_float(field, a), load_float(field, b));
  if (field.shape == Shape::text) return order(text_of(field, a), text_of(field, b));
  if (field.shape == Shape::structure) {
    for (const Field& member : field.fields) {
      if (const auto by_member = compare_by(member, a, b); by_member != 0) return by_member;
    }
    return std::strong_ordering::equal;
  }
  if (field.shape == Shape::array) {
    const std::uint32_t count_a = element_count(field, a);
    const std::uint32_t count_b = element_count(field, b);
    for (std::uint32_t i = 0; i < std::min(count_a, count_b); ++i) {
      const auto by_element = compare_by(field.fields[0], element(field, a, i), element(field, b, i));
      if (by_element != 0) return by_element;
    }
    return count_a <=> count_b;
  }
  if (a.size() - field.offset() < field.size || b.size() - field.offset() < field.size)
    return a.size() <=> b.size();
  return order(raw(field, a), raw(field, b));
}

void copy_canonical(const Field& field, Bytes record, std::byte* out) noexcept {
  std::memset(out, 0, field.size);
  copy_value(field, record, out);
}

}  // namespace probe_run
