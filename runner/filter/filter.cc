#include "filter/filter.h"

#include "filter/condition_compiler.h"
#include "filter/expression.h"
#include "spec/string_place.h"

namespace probe_run {

// Compiles an expression to the steps of a filter.
class FilterCompiler {
 public:
  FilterCompiler(const Expression& expression, const Plan& plan, std::vector<ExpressionError>& errors)
      : expression_(expression), plan_(plan), errors_(errors) {}

  // Adds all mistakes to the errors.
  void compile(Filter& filter);

 private:
  std::uint32_t node(std::uint32_t index, std::uint32_t if_true, std::uint32_t if_false);
  std::uint32_t condition(const ExpressionNode& node, std::uint32_t if_true, std::uint32_t if_false);

  const Expression& expression_;
  const Plan& plan_;
  std::vector<ExpressionError>& errors_;
  std::vector<Filter::Step> steps_;
};

void FilterCompiler::compile(Filter& filter) {
  const std::uint32_t first = node(expression_.root, Filter::accepted, Filter::refused);
  filter.steps_ = std::move(steps_);
  filter.first_ = first;
}

// Steps are created from the last to the first, so that the targets of each are known. The recursion is as deep as the
// parentheses.
std::uint32_t FilterCompiler::node(std::uint32_t index, std::uint32_t if_true, std::uint32_t if_false) {
  const ExpressionNode& node = expression_.nodes[index];
  switch (node.kind) {
    case ExpressionNode::Kind::condition:
      return condition(node, if_true, if_false);
    case ExpressionNode::Kind::negation:
      return this->node(node.parts[0], if_false, if_true);
    case ExpressionNode::Kind::all_of: {
      std::uint32_t next = if_true;
      for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part)
        next = this->node(*part, next, if_false);
      return next;
    }
    case ExpressionNode::Kind::any_of: {
      std::uint32_t next = if_false;
      for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part)
        next = this->node(*part, if_true, next);
      return next;
    }
  }
  return Filter::refused;
}

std::uint32_t FilterCompiler::condition(const ExpressionNode& node, std::uint32_t if_true,
                                        std::uint32_t if_false) {
  std::optional<CompiledCondition> compiled = compile_field_condition(node, plan_, errors_);
  if (!compiled) return if_false;
  Filter::Step step;
  step.place = compiled->place;
  step.test = std::move(compiled->test);
  step.negated = compiled->negated;
  step.if_true = if_true;
  step.if_false = if_false;
  steps_.push_back(std::move(step));
  return static_cast<std::uint32_t>(steps_.size() - 1);
}

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

// An array is present if its beginning is; an address, if it is complete.
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
