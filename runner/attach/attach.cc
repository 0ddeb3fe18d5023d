#include "attach/attach.h"

#include "attach/families.h"

namespace probe_run {

Attachment attach(bpf_program* program, const AttachPoint& point) {
  return std::visit([&](const auto& alternative) { return attach_to(program, alternative); }, point);
}

std::string describe(const AttachPoint& point) {
  return std::visit([](const auto& alternative) { return describe_target(alternative); }, point);
}

}  // namespace probe_run
