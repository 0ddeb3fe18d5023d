#include "decode/fit.h"

#include <algorithm>

namespace probe_run {
namespace {

bool same(const Condition* a, const Condition* b) {
  for (; a != nullptr && b != nullptr; a = a->outer.get(), b = b->outer.get()) {
    if (a == b) return true;
    const auto place = [](const Slot& slot) {
      return std::tuple(slot.offset, slot.size, slot.shift, slot.bits, slot.is_signed);
    };
    if (place(a->slot) != place(b->slot) || a->values != b->values) return false;
  }
  return a == b;
}

class Measure {
 public:
  explicit Measure(Plan& plan) : plan_(plan) {}

  // `end`: of the record type that the field belongs to.
  void add(const Field& field, std::uint32_t end) {
    const bool splits = field.shape == Shape::structure && (has_conditions(field) || has_open_end(field));
    if (splits) {
      for (const Field& member : field.fields) add(member, end);
      return;
    }
    Plan::Part& part = part_of(field.when);
    part.open_end = part.open_end || field.flexible;
    // The unused end of a text or a stack at the end need not be sent; padding may follow it.
    const bool last =
        (field.shape == Shape::text || field.partial) && std::uint64_t{field.offset()} + field.size + 8 > end;
    part.complete = std::max(part.complete, field.offset() + (last || field.flexible ? 0 : field.size));
  }

 private:
  static bool has_conditions(const Field& field) {
    return std::any_of(field.fields.begin(), field.fields.end(), [&](const Field& member) {
      return member.when != field.when || (member.shape == Shape::structure && has_conditions(member));
    });
  }
  static bool has_open_end(const Field& field) {
    return std::any_of(field.fields.begin(), field.fields.end(), [](const Field& member) {
      return member.flexible || (member.shape == Shape::structure && has_open_end(member));
    });
  }

  Plan::Part& part_of(const std::shared_ptr<const Condition>& when) {
    for (Plan::Part& part : plan_.parts) {
      if (same(part.when.get(), when.get())) return part;
    }
    return plan_.parts.emplace_back(Plan::Part{when, 0, false});
  }

  Plan& plan_;
};

}  // namespace

void measure(Plan& plan) {
  Measure measure(plan);
  for (const Field& field : plan.root.fields) {
    const bool variant = !plan.variants.empty() && field.when && field.shape == Shape::structure;
    if (!variant) {
      measure.add(field, plan.size);
      continue;
    }
    for (const Field& member : field.fields) measure.add(member, field.size);
  }
}

Fit Plan::fit(Bytes record, std::uint32_t slack) const noexcept {
  bool open_end = false;
  for (const Part& part : parts) {
    // The deciding field is missing, so the field is missing, too.
    if (part.when && !part.when->met(record)) continue;
    if (record.size() < part.complete) return Fit::shorter;
    open_end = open_end || part.open_end;
  }
  std::size_t longest = size;
  if (!variants.empty()) {
    const auto variant = std::find_if(variants.begin(), variants.end(),
                                      [&](const Variant& each) { return each.when->met(record); });
    if (variant == variants.end()) return Fit::unknown;
    longest = std::max<std::size_t>(longest, variant->size);
  }
  return open_end || record.size() <= longest + slack ? Fit::whole : Fit::longer;
}

}  // namespace probe_run
