#include "filter/filter.h"

#include "filter/filter_compiler.h"
#include "spec/string_place.h"

namespace probe_run {

Filter::Filter(const Located<std::string>& where, const Plan& plan, Diagnostics& diagnostics) {
  std::vector<ExpressionError> errors;
  Expression expression;
  if (parse_expression(*where, expression, errors)) {
    FilterCompiler(expression, plan, errors).compile(*this);
  }
  for (ExpressionError& error : errors) {
    diagnostics.error(place_in(where, diagnostics.source(), error.at.offset, error.at.length),
                      std::move(error.what), std::move(error.hint));
  }
}

namespace {

// An array is there when it has begun; an address, when it is whole.
bool is_there(const FieldPredicate& test, const Field& field, Bytes record) noexcept {
  if (!present(field, record)) return false;
  if (!std::holds_alternative<InBlock>(test)) return true;
  return record.size() - field.offset() >= field.size;
}

}  // namespace

bool Filter::answer(const Step& step, Bytes row, const RenderContext& context) noexcept {
  const Field& field = *step.place.field;
  if (step.place.array == nullptr) {
    return is_there(step.test, field, row) &&
           probe_run::passes(step.test, field, row, context, scratch_) != step.negated;
  }
  const Field& array = *step.place.array;
  if (!present(array, row)) return false;
  const std::uint32_t count = element_count(array, row);
  bool there = false;
  const auto item_passes = [&](std::uint32_t index) {
    const Bytes item = element(array, row, index);
    if (!is_there(step.test, field, item)) return false;
    there = true;
    return probe_run::passes(step.test, field, item, context, scratch_);
  };
  bool any = false;
  if (step.place.index) {
    any = *step.place.index < count && item_passes(*step.place.index);
  } else {
    for (std::uint32_t i = 0; i < count && !any; ++i) any = item_passes(i);
  }
  return there && any != step.negated;
}

bool Filter::passes(Bytes row, const RenderContext& context) noexcept {
  std::uint32_t at = first_;
  while (at < refused) at = answer(steps_[at], row, context) ? steps_[at].if_true : steps_[at].if_false;
  return at == accepted;
}

}  // namespace probe_run
