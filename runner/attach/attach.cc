#include "attach/attach.h"

#include <net/if.h>

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

namespace {

// What the point goes with stands in the spec, by the same keys for all families.
template <class Point>
void bind_to(Attachment& attachment, const Point& point) {
  if constexpr (requires { point.iface; }) {
    const std::string& name = *point.iface;
    attachment.interface = {name, static_cast<int>(::if_nametoindex(name.c_str()))};
  }
  if constexpr (requires { point.pid; }) {
    if (point.pid) attachment.process = static_cast<int>(**point.pid);
  }
}

}  // namespace

Attachment attach(BpfObject& object, const std::string& name, const AttachPoint& point) {
  stop_if_asked();
  bpf_program* const program = object.program(name);
  return std::visit(
      [&](const auto& alternative) {
        Attachment attachment = [&] {
          if constexpr (requires { attach_to(object, program, alternative); }) {
            return attach_to(object, program, alternative);
          } else {
            return attach_to(program, alternative);
          }
        }();
        attachment.program = name;
        bind_to(attachment, alternative);
        return attachment;
      },
      point);
}

int descriptor_of(const Link& link) {
  if (const auto* const handle = std::get_if<LinkHandle>(&link)) return bpf_link__fd(handle->get());
  if (const auto* const fd = std::get_if<Fd>(&link)) return fd->get();
  return -1;
}

std::string describe(const AttachPoint& point) {
  return std::visit([](const auto& alternative) { return describe_target(alternative); }, point);
}

}  // namespace probe_run
