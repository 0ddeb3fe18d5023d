#include "view/aggregate_columns.h"

#include <algorithm>
#include <utility>

#include "decode/renderer.h"

namespace probe_run {
namespace {

using Function = Aggregate::Function;

constexpr std::uint32_t word_size = 8;
constexpr std::uint32_t wide_size = 16;

Field plain_number(const std::string& name, Shape shape, std::uint32_t size) {
  Field field;
  field.name = field.path = name;
  field.shape = shape;
  field.renderer = &bytes_renderer();
  field.scalar = shape == Shape::unsigned_number || shape == Shape::signed_number;
  field.size = size;
  field.slot = {0, size, 0, 0, shape == Shape::signed_number};
  return field;
}

bool has_renderer(const Field& field) {
  return field.shape == Shape::rendered && !is_floating(field);
}

// A result of the argument's type and size: bitfields become whole bytes.
Field same_number(const std::string& name, const Field& argument) {
  Field field = argument;
  field.name = field.path = name;
  field.when = nullptr;
  field.type = nullptr;
  if (field.slot.bits != 0) {
    field.size = argument.scalar ? word_size : wide_size;
    field.slot.size = field.size;
    field.slot.shift = field.slot.bits = 0;
  }
  return field;
}

// A result of the largest size, rendered as the argument is.
Field wider_number(const std::string& name, const Field& argument) {
  if (is_floating(argument)) {
    Field field = same_number(name, argument);
    field.size = field.slot.size = sizeof(double);
    return field;
  }
  Field field = plain_number(name, Shape::unsigned_number, is_wide(argument) ? wide_size : word_size);
  field.unit = argument.unit;
  field.slot.is_signed = argument.slot.is_signed;
  field.scalar = !is_wide(argument);
  field.shape = is_wide(argument)         ? Shape::wide_number
                : argument.slot.is_signed ? Shape::signed_number
                                          : Shape::unsigned_number;
  if (has_renderer(argument) && !is_boolean(argument)) {
    field.shape = Shape::rendered;
    field.renderer = argument.renderer;
  }
  return field;
}

// The members' paths begin with the field's.
void rename(Field& field, const std::string& name) {
  const std::size_t before = field.path.size();
  const auto give = [&](auto& self, Field& member) -> void {
    if (member.path.size() >= before) member.path.replace(0, before, name);
    for (Field& inner : member.fields) self(self, inner);
  };
  give(give, field);
  field.name = name;
}

Field plain_rate(const Aggregate& what) {
  Field field = plain_number(what.name, Shape::floating, sizeof(double));
  field.quotient = true;
  if (what.field != nullptr && !what.field->unit.empty()) field.unit = what.field->unit + "/s";
  return field;
}

AggregateSource source_of(const Field& field) noexcept {
  return {&field, is_floating(field), is_wide(field), is_boolean(field), field.slot.is_signed};
}

// A count is always present; other results only if there was a value.
void place_number(AggregateColumn& column, Plan& plan, Field field) {
  const Function function = column.what.function;
  field.slot.offset = plan.size;
  plan.size += padded(field.size);
  if (function != Function::count && function != Function::distinct) {
    column.presence = plan.size;
    Condition has_value;
    has_value.slot = {plan.size, 1, 0, 0, false};
    has_value.values = {1};
    field.when = std::make_shared<Condition>(std::move(has_value));
    plan.size += word_size;
  }
  column.slot = field.slot;
  plan.root.fields.push_back(std::move(field));
}

}  // namespace

AggregateColumns::AggregateColumns(std::vector<Aggregate> aggregates, Plan& plan) {
  list.reserve(aggregates.size());
  for (Aggregate& aggregate : aggregates) {
    AggregateColumn& column = list.emplace_back();
    column.what = std::move(aggregate);
    const Field* const field =
        column.what.function == Function::slots ? column.what.counts : column.what.field;
    if (field != nullptr) column.source = source_of(*field);
    column.summed = column.what.sum != nullptr ? source_of(*column.what.sum) : column.source;
    place(column, plan);
  }
}

void AggregateColumns::place(AggregateColumn& column, Plan& plan) {
  const Aggregate& what = column.what;
  switch (what.function) {
    case Function::count:
      return place_number(column, plan, plain_number(what.name, Shape::unsigned_number, word_size));
    case Function::distinct:
      column.part = distinct++;
      distinct_size = std::max(distinct_size, what.field->size);
      return place_number(column, plan, plain_number(what.name, Shape::unsigned_number, word_size));
    case Function::rate:
      column.floating = true;
      return place_number(column, plan, plain_rate(what));
    case Function::sum:
      column.floating = column.source.floating;
      return place_number(column, plan, wider_number(what.name, *what.field));
    case Function::avg: {
      // A whole number for values that are rendered, such as sizes: the renderer takes no other.
      const bool whole = has_renderer(*what.field) && what.field->renderer->form == Renderer::Form::string;
      column.floating = !whole;
      Field field = whole || column.source.floating
                        ? wider_number(what.name, *what.field)
                        : plain_number(what.name, Shape::floating, sizeof(double));
      field.unit = what.field->unit;
      field.quotient = field.shape == Shape::floating;
      return place_number(column, plan, std::move(field));
    }
    case Function::percentile: {
      const auto known = std::find_if(sketched.begin(), sketched.end(), [&](const AggregateSource& source) {
        return source.field == what.field;
      });
      column.part = static_cast<std::size_t>(known - sketched.begin());
      if (known == sketched.end()) sketched.push_back(column.source);
      [[fallthrough]];
    }
    case Function::min:
    case Function::max:
      column.floating = column.source.floating;
      // A floating-point number of 2 bytes is shown as a larger one.
      return place_number(column, plan,
                          column.floating && what.field->size == 2 ? wider_number(what.name, *what.field)
                                                                   : same_number(what.name, *what.field));
    case Function::first:
    case Function::last: {
      column.kept.emplace(*what.field, plan.size);
      Field field = column.kept->field();
      rename(field, what.name);
      plan.size += static_cast<std::uint32_t>(KeptField::size(*what.field));
      plan.root.fields.push_back(std::move(field));
      return;
    }
    case Function::histogram:
    case Function::exponential:
    case Function::slots:
      return place_histogram(column, plan);
  }
}

void AggregateColumns::place_histogram(AggregateColumn& column, Plan& plan) {
  Histogram histogram = *column.what.histogram;
  column.slots = static_cast<std::uint32_t>(histogram.ranges.size());
  column.negatives = column.slots > 0 && histogram.ranges[0].open_low;
  column.slot = {plan.size, word_size, 0, 0, false};
  Field field;
  field.name = field.path = column.what.name;
  field.renderer = &bytes_renderer();
  field.slot.offset = plan.size;
  if (column.what.function == Function::exponential) {
    column.part = exponential++;
    field.size = field.slot.size = sizeof(ExponentialCounts);
  } else {
    field.shape = Shape::array;
    field.count = column.slots;
    field.size = column.slots * word_size;
    field.fields.push_back(plain_number("", Shape::unsigned_number, word_size));
    field.fields[0].path = field.path + "[]";
  }
  plan.size += padded(field.size);
  if (column.what.function != Function::slots || column.what.sum != nullptr || histogram.sum.slot) {
    Field sum = wider_number("sum", *column.summed.field);
    sum.slot.offset = plan.size;
    plan.size += padded(sum.size);
    column.sum = sum.slot;
    histogram.sum.field = std::make_shared<Field>(std::move(sum));
    column.sum_slot = std::exchange(histogram.sum.slot, std::nullopt);
  }
  field.histogram = std::make_shared<Histogram>(std::move(histogram));
  column.what.histogram = field.histogram;
  plan.root.fields.push_back(std::move(field));
}

}  // namespace probe_run
