#include "decode/printk_plan.h"

#include <cstddef>

#include "decode/fit.h"
#include "decode/renderer.h"
#include "object/printk_header.h"

namespace probe_run {
namespace {

Field number(std::string name, std::size_t offset_in_header, std::size_t bytes) {
  const auto offset = static_cast<std::uint32_t>(offset_in_header);
  const auto size = static_cast<std::uint32_t>(bytes);
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
  plan.root.fields = {number("time", offsetof(PrintkHeader, time), sizeof PrintkHeader::time),
                      number("pid", offsetof(PrintkHeader, pid), sizeof PrintkHeader::pid),
                      number("tid", offsetof(PrintkHeader, tid), sizeof PrintkHeader::tid),
                      number("cpu", offsetof(PrintkHeader, cpu), sizeof PrintkHeader::cpu)};
  plan.root.fields[0].shape = Shape::rendered;
  plan.root.fields[0].renderer = &kernel_time_renderer();
  Field message;
  message.name = message.path = "message";
  message.shape = Shape::text;
  message.slot.offset = sizeof(PrintkHeader);
  message.flexible = true;
  plan.root.fields.push_back(std::move(message));
  plan.size = sizeof(PrintkHeader);
  measure(plan);
  return plan;
}

}  // namespace probe_run
