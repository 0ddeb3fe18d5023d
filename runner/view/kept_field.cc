#include "view/kept_field.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "decode/plan.h"
#include "decode/renderer.h"
#include "view/row_value.h"

namespace probe_run {
namespace {

// The same field at another offset; offsets in an array's element are relative to the element and do not change.
void move_field(Field& field, std::int64_t by) {
  field.slot.offset = static_cast<std::uint32_t>(field.slot.offset + by);
  field.when = moved(field.when, by);
  if (field.inputs && field.inputs->process) {
    RenderInputs inputs = *field.inputs;
    inputs.process->offset = static_cast<std::uint32_t>(inputs.process->offset + by);
    field.inputs = std::make_shared<RenderInputs>(inputs);
  }
  if (field.shape != Shape::structure) return;
  for (Field& member : field.fields) move_field(member, by);
}

// Stored after the field: whether the record had it, and the process that its addresses belong to.
constexpr std::uint32_t presence_size = 1;
constexpr std::uint32_t process_offset = 4;
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

KeptField::KeptField(const Field& field, std::uint32_t offset)
    : source_(&field), copy_(field), tail_(offset + padded(field.size)) {
  move_field(copy_, std::int64_t{offset} - copy_.slot.offset);
  Condition had;
  had.slot = {tail_, presence_size, 0, 0, false};
  had.values = {1};
  copy_.when = std::make_shared<Condition>(std::move(had));
  restrict_members(copy_, copy_.when);
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
  if (source_->inputs && source_->inputs->process && holds(record, *source_->inputs->process)) {
    const auto process = static_cast<std::uint32_t>(load(record, *source_->inputs->process));
    std::memcpy(tail + process_offset, &process, sizeof process);
  }
  return true;
}

}  // namespace probe_run
