#include "view/row_value.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "decode/field_value.h"
#include "decode/histogram.h"
#include "decode/plan.h"
#include "decode/renderer.h"

namespace probe_run {
namespace {

std::strong_ordering order(std::string_view a, std::string_view b) {
  return a.compare(b) <=> 0;
}

std::string_view raw(const Field& field, Bytes record) {
  const Bytes bytes = bytes_of(field, record);
  const void* const begin = bytes.data();
  return {static_cast<const char*>(begin), bytes.size()};
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
  } else if (const Bytes held = bytes_of(field, record); !held.empty()) {
    std::memcpy(out, held.data(), held.size());
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

namespace {

// The same field at another offset; offsets in an array's element are relative to the element and do not change.
void move_field(Field& field, std::int64_t by) {
  field.slot.offset = static_cast<std::uint32_t>(field.slot.offset + by);
  field.when = moved(field.when, by);
  if (field.length) field.length->offset = static_cast<std::uint32_t>(field.length->offset + by);
  if (field.inputs && field.inputs->process) {
    RenderInputs inputs = *field.inputs;
    inputs.process->offset = static_cast<std::uint32_t>(inputs.process->offset + by);
    field.inputs = std::make_shared<RenderInputs>(inputs);
  }
  if (field.shape != Shape::structure) return;
  for (Field& member : field.fields) move_field(member, by);
}

// Stored after the field: whether the record had it, and the process that its addresses belong to, or its length.
constexpr std::uint32_t presence_size = 1;
constexpr std::uint32_t process_offset = 4;
constexpr std::uint32_t length_offset = process_offset;
constexpr std::uint32_t tail_size = 8;

// Members are absent if the whole field is.
void restrict_members(Field& field, const std::shared_ptr<const Condition>& condition) {
  if (field.shape != Shape::structure) return;
  for (Field& member : field.fields) {
    member.when = both(condition, member.when);
    restrict_members(member, condition);
  }
}

bool outside(const Slot& slot, const Field& whole) {
  return slot.offset < whole.offset() || slot.offset + slot.size > whole.offset() + whole.size;
}

// Whether the field, or a field that its rendering needs, is outside of the whole: a view may keep members elsewhere.
bool needs_outside(const Field& field, const Field& whole) {
  if (field.offset() < whole.offset() || field.offset() + field.size > whole.offset() + whole.size)
    return true;
  for (const Condition* c = field.when.get(); c != nullptr; c = c->outer.get()) {
    if (outside(c->slot, whole)) return true;
  }
  if (field.inputs && field.inputs->process && outside(*field.inputs->process, whole)) return true;
  if (field.length && outside(*field.length, whole)) return true;
  if (field.shape != Shape::structure) return false;
  return std::any_of(field.fields.begin(), field.fields.end(),
                     [&](const Field& member) { return needs_outside(member, whole); });
}

}  // namespace

bool KeptField::can_keep(const Field& field) {
  if (field.shape != Shape::structure) return true;
  return std::none_of(field.fields.begin(), field.fields.end(),
                      [&](const Field& member) { return needs_outside(member, field); });
}

std::uint64_t KeptField::size(const Field& field) noexcept {
  return (std::uint64_t{field.size} + 7) / 8 * 8 + tail_size;
}

namespace {

// A sum outside of what is kept is not known there.
void move_sums(Field& field, const Field& whole, std::int64_t by) {
  if (field.histogram && field.histogram->sum.field) {
    auto histogram = std::make_shared<Histogram>(*field.histogram);
    if (needs_outside(*histogram->sum.field, whole)) {
      histogram->sum.field = nullptr;
    } else {
      auto sum = std::make_shared<Field>(*histogram->sum.field);
      move_field(*sum, by);
      histogram->sum.field = std::move(sum);
    }
    field.histogram = std::move(histogram);
  }
  if (field.shape != Shape::structure) return;
  for (Field& member : field.fields) move_sums(member, whole, by);
}

}  // namespace

KeptField::KeptField(const Field& field, std::uint32_t offset)
    : source_(&field), copy_(field), tail_(offset + padded(field.size)) {
  move_sums(copy_, field, std::int64_t{offset} - copy_.slot.offset);
  move_field(copy_, std::int64_t{offset} - copy_.slot.offset);
  Condition had;
  had.slot = {tail_, presence_size, 0, 0, false};
  had.values = {1};
  copy_.when = std::make_shared<Condition>(std::move(had));
  restrict_members(copy_, copy_.when);
  if (copy_.length) copy_.length = Slot{tail_ + length_offset, 4, 0, 0, false};
  if (copy_.inputs && copy_.inputs->process) {
    RenderInputs inputs = *copy_.inputs;
    inputs.process = Slot{tail_ + process_offset, 4, 0, 0, false};
    copy_.inputs = std::make_shared<RenderInputs>(inputs);
  }
}

bool KeptField::keep(Bytes record, std::byte* row) const noexcept {
  if (!present(*source_, record)) return false;
  copy_canonical(*source_, record, row + copy_.offset());
  std::byte* const tail = row + tail_;
  std::memset(tail, 0, tail_size);
  tail[0] = std::byte{1};
  if (source_->length) {
    const std::size_t held =
        source_->shape == Shape::array ? element_count(*source_, record) : bytes_of(*source_, record).size();
    const auto length = static_cast<std::uint32_t>(held);
    std::memcpy(tail + length_offset, &length, sizeof length);
  }
  if (source_->inputs && source_->inputs->process && holds(record, *source_->inputs->process)) {
    const auto process = static_cast<std::uint32_t>(load(record, *source_->inputs->process));
    std::memcpy(tail + process_offset, &process, sizeof process);
  }
  return true;
}

}  // namespace probe_run
