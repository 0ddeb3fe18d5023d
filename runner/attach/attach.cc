#include "attach/attach.h"

#include "attach/families.h"
#include "attach/newer_section.h"
#include "support/stop_signal.h"

namespace probe_run {

Fd prepare(BpfObject& object, const std::string& name, const AttachPoint& point) {
  stop_if_asked();
  bpf_program* const program = object.program(name);
  choose_types(program);
  return std::visit(
      [&](const auto& alternative) -> Fd {
        if constexpr (requires { prepare_for(object, program, alternative); }) {
          return prepare_for(object, program, alternative);
        } else if constexpr (requires { prepare_for(program, alternative); }) {
          return prepare_for(program, alternative);
        } else {
          return {};
        }
      },
      point);
}

Attachment attach(BpfObject& object, const std::string& name, const AttachPoint& point) {
  stop_if_asked();
  bpf_program* const program = object.program(name);
  return std::visit(
      [&](const auto& alternative) {
        if constexpr (requires { attach_to(object, program, alternative); }) {
          return attach_to(object, program, alternative);
        } else {
          return attach_to(program, alternative);
        }
      },
      point);
}

std::string describe(const AttachPoint& point) {
  return std::visit([](const auto& alternative) { return describe_target(alternative); }, point);
}

}  // namespace probe_run
