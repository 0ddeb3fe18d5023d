#include "decode/printk_plan.h"

#include "decode/fit.h"
#include "decode/renderer.h"

namespace probe_run {
namespace {

Field number(std::string name, std::uint32_t offset, std::uint32_t size) {
  Field field;
  field.name = field.path = std::move(name);
  field.shape = Shape::unsigned_number;
  field.scalar = true;
  field.size = size;
  field.slot = {offset, size, 0, 0, false};
  return field;
}

}  // namespace

Plan compile_printk_plan() {
  Plan plan;
  plan.root.shape = Shape::structure;
  plan.root.fields = {number("time", 0, 8), number("pid", 8, 4), number("tid", 12, 4), number("cpu", 16, 4)};
  plan.root.fields[0].shape = Shape::rendered;
  plan.root.fields[0].renderer = &kernel_time_renderer();
  Field message;
  message.name = message.path = "message";
  message.shape = Shape::text;
  message.slot.offset = 24;
  message.flexible = true;
  plan.root.fields.push_back(std::move(message));
  plan.size = 24;
  measure(plan);
  return plan;
}

}  // namespace probe_run
