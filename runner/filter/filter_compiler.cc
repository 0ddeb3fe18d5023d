#include "filter/filter_compiler.h"

#include "filter/condition_compiler.h"

namespace probe_run {

void FilterCompiler::compile(Filter& filter) {
  const std::uint32_t first = node(expression_.root, Filter::accepted, Filter::refused);
  filter.steps_ = std::move(steps_);
  filter.first_ = first;
}

// Made from the last to the first, so that it is known where each leads. The recursion is as deep as the
// parentheses are.
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

}  // namespace probe_run
