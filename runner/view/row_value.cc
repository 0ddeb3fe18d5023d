#include "view/row_value.h"

#include <algorithm>
#include <cstring>

namespace probe_run {
namespace {

bool is_scalar(const Field& field) {
  switch (field.shape) {
    case Shape::unsigned_number:
    case Shape::signed_number:
    case Shape::boolean:
      return true;
    case Shape::rendered:
      return field.slot.size <= 8 || field.slot.bits != 0;
    case Shape::floating:
    case Shape::text:
    case Shape::bytes:
    case Shape::structure:
    case Shape::array:
      return false;
  }
  return false;
}

std::strong_ordering order(std::string_view a, std::string_view b) {
  return a.compare(b) <=> 0;
}

std::string_view raw(const Field& field, Bytes record) {
  const void* const begin = record.data() + field.offset();
  return {static_cast<const char*>(begin), field.flexible ? record.size() - field.offset() : field.size};
}

}  // namespace

std::strong_ordering compare_by(const Field& field, Bytes a, Bytes b) noexcept {
  const bool in_a = present(field, a);
  const bool in_b = present(field, b);
  if (!in_a || !in_b) return in_a <=> in_b;
  if (is_scalar(field)) {
    const std::uint64_t x = load(a, field.slot);
    const std::uint64_t y = load(b, field.slot);
    return field.slot.is_signed ? static_cast<std::int64_t>(x) <=> static_cast<std::int64_t>(y) : x <=> y;
  }
  if (field.shape == Shape::floating) return std::strong_order(load_float(field, a), load_float(field, b));
  if (field.shape == Shape::text) return order(text_of(field, a), text_of(field, b));
  if (a.size() - field.offset() < field.size || b.size() - field.offset() < field.size)
    return a.size() <=> b.size();
  return order(raw(field, a), raw(field, b));
}

void copy_canonical(const Field& field, Bytes record, std::byte* out) noexcept {
  std::memset(out, 0, field.size);
  if (!present(field, record)) return;
  if (field.shape == Shape::text) {
    const std::string_view text = text_of(field, record);
    if (!text.empty()) std::memcpy(out, text.data(), std::min<std::size_t>(text.size(), field.size));
    return;
  }
  const std::size_t held = std::min<std::size_t>(field.size, record.size() - field.offset());
  std::memcpy(out, record.data() + field.offset(), held);
}

}  // namespace probe_run
